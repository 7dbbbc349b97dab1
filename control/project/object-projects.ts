import { apiWrite } from '../../core/home/home-cluster.ts';
import { projectKey, projectVersion } from '../../core/home/project-object.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import type { ProjectRow } from '../../db/queries/project/project.ts';
import {
  announceRules,
  lockProject,
  type ProjectWrite,
  removeProject,
} from '../../db/queries/project/write-project.ts';
import type { HomeControl, HomeObjects, Transaction } from '../home/context.ts';
import { isTaken, untilNotOvertaken } from '../home/overtaken.ts';
import { takeProjectIn } from '../home/take-project.ts';
import {
  createProjectRows,
  type ProjectChange,
  type ProjectDecision,
  type ProjectStore,
} from './project-store.ts';

/** The object that a project is made as, or becomes. */
export function projectObject(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  { labels, annotations, finalizers, spec, status }: ProjectWrite,
  live?: Manifest,
): Manifest {
  return {
    ...live,
    apiVersion: projectVersion,
    kind: 'AppProject',
    metadata: { ...live?.metadata, namespace, name, labels, annotations, finalizers },
    spec,
    status,
  };
}

/**
 * Keeps projects as objects of the home cluster: what is decided about one is decided about its object as it is by now,
 * and decided anew where somebody comes between.
 */
export function createProjectObjects(control: HomeControl, home: () => Promise<HomeObjects>): ProjectStore {
  const { db, config } = control;
  const namespace = config.controlPlaneNamespace;
  const rows = createProjectRows(control);
  const transaction: Transaction = (write) => db.transaction(write);
  const keyOf = (name: string) => projectKey(namespace, name);
  const take = (object: Manifest) => takeProjectIn(control, object, { origin: 'event', transaction });

  const takeWritten = async (
    object: Manifest,
    audit: Extract<ProjectDecision, { kind: 'replace' }>['audit'],
  ): Promise<ProjectChange | undefined> => {
    const { row, refresh } = await takeProjectIn(control, object, {
      ...{ origin: 'write', transaction },
      audit: () => audit,
    });
    return row && { row, refresh };
  };

  const remove = async (
    client: HomeObjects,
    row: ProjectRow,
    live: Manifest | undefined,
    { audit, concerned }: Extract<ProjectDecision, { kind: 'remove' }>,
  ): Promise<ProjectChange> => {
    const { uid, resourceVersion } = live?.metadata ?? {};
    await client.delete(projectVersion, keyOf(row.name), { uid, resourceVersion });
    return transaction(async (tx) => {
      const still = await lockProject(tx, row.name);
      if (still !== undefined) await removeProject(tx, still);
      await recordAudit(tx, audit);
      return { row, refresh: await announceRules(tx, concerned) };
    });
  };

  const tryChange = async (
    client: HomeObjects,
    name: string,
    decide: Parameters<ProjectStore['change']>[1],
  ): Promise<ProjectChange | undefined> => {
    const live = await client.get(projectVersion, keyOf(name));
    const row = live === undefined ? await rows.find(name) : (await take(live)).row;
    if (row === undefined) return undefined;
    const decision = await decide(row, db);
    if (decision.kind === 'keep') return { row, refresh: [] };
    // Held to what was decided about: somebody who comes between has it decided anew.
    if (decision.kind === 'remove') return remove(client, row, live, decision);
    const object = projectObject({ namespace, name }, decision.write, live);
    const written = await (live === undefined ? client.create : client.replace)(object, apiWrite);
    return takeWritten(written, decision.audit);
  };

  return {
    find: rows.find,
    async create({ name, ...write }, { audit }) {
      if ((await rows.find(name)) !== undefined) return undefined;
      const client = await home();
      try {
        return await takeWritten(
          await client.create(projectObject({ namespace, name }, write), apiWrite),
          audit,
        );
      } catch (error) {
        if (!isTaken(error)) throw error;
        const live = await client.get(projectVersion, keyOf(name));
        if (live !== undefined) await take(live);
        return undefined;
      }
    },
    async change(name, decide) {
      const client = await home();
      return untilNotOvertaken(() => tryChange(client, name, decide));
    },
  };
}
