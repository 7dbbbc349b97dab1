import { eq } from 'drizzle-orm';
import type { Application } from '../../../core/application/spec/spec.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { listOperations } from '../../../db/queries/operation/operation.ts';
import { applications } from '../../../db/schema/application.ts';
import { homeDeletions } from '../../../db/schema/home-deletion.ts';
import { pollUntil } from '../../../local/poll.ts';
import { type ApplicationShape, applicationOf } from '../keelson/applications.ts';
import type { TestHome } from './start-home.ts';

const resources = 'resources-finalizer.argocd.argoproj.io';

/** The finalizers by which an application's object says what goes with it. */
export const finalizers = {
  foreground: resources,
  background: `${resources}/background`,
  preDelete: 'pre-delete-finalizer.argocd.argoproj.io',
  postDelete: 'post-delete-finalizer.argocd.argoproj.io',
} as const;

/** An Application with finalizers. */
export function finalized(shape: ApplicationShape, ...own: readonly string[]): Application {
  const application = applicationOf(shape);
  return { ...application, metadata: { ...application.metadata, finalizers: [...own] } };
}

/** What the tests of objects look at. */
export function lookInto(home: TestHome) {
  const version = 'argoproj.io/v1alpha1';
  const names = async () => (await home.client.applications.list()).map(({ metadata }) => metadata.name);
  return {
    names,
    /** Deletes an object as kubectl does, whose finalizers may hold it. */
    delete: (name: string) => home.cluster.delete(version, home.keyOf(name)),
    patch: (name: string, body: object) => home.cluster.patch(version, home.keyOf(name), body, 'merge'),
    status: async (name: string) => ((await home.object(name))?.['status'] ?? {}) as Record<string, unknown>,
    version: async (name: string) => (await home.object(name))?.metadata.resourceVersion,
    async conditions(name: string): Promise<string[]> {
      const { status } = await home.client.applications.get(name);
      return (status?.conditions ?? []).map(({ type }) => type);
    },
    known: (name: string) =>
      pollUntil(`application ${name} is known`, 30, async () => (await names()).includes(name)),
    rowGone: (name: string, seconds = 40) =>
      pollUntil(`row of ${name} is gone`, seconds, async () => !(await names()).includes(name)),
    async objectGone(name: string, seconds = 40): Promise<void> {
      const isGone = async () => (await home.object(name)) === undefined;
      try {
        await pollUntil(`object ${name} is gone`, seconds, isGone);
      } catch (cause) {
        throw new Error(`object ${name} is still there: ${await deletionState(home, name)}`, { cause });
      }
    },
  };
}

/** For a failure: what is known of the deletions of a name, and what was asked for it. */
async function deletionState({ database: { db }, object, client }: TestHome, name: string): Promise<string> {
  const deletions = await db.select().from(homeDeletions).where(eq(homeDeletions.name, name));
  const rows = await db.select().from(applications).where(eq(applications.name, name));
  const runs = await Promise.all(rows.map(({ id }) => listOperations(db, id, 3)));
  const live = await object(name);
  const shown = await client.applications.list();
  const conditions = shown.find(({ metadata }) => metadata.name === name)?.status?.conditions;
  return JSON.stringify({ metadata: live?.metadata, deletions, rows, runs, conditions }, undefined, 1);
}

/** Whether a field manager owns an object's status. */
export function ownsStatus(object: Manifest | undefined, manager: string): boolean {
  return (object?.metadata.managedFields ?? []).some((entry) => {
    const { manager: name, fieldsV1 = {} } = entry as { manager?: string; fieldsV1?: object };
    return name === manager && 'f:status' in fieldsV1;
  });
}
