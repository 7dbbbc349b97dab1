import { etagOf, meetsEtag } from '../../core/application/etag.ts';
import type { Application } from '../../core/application/spec/spec.ts';
import { type Decided, specText } from '../../core/application/spec/spec-text.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { ApplicationRow, ApplicationWrite } from '../../db/queries/application/application.ts';
import {
  type Actor,
  type Author,
  auditOf,
  type Control,
  nameOf,
  objectOf,
  requireHidden,
} from '../context.ts';
import { sendHint } from '../hint.ts';
import { announceApproval, approvesDeletions } from './approve-deletions.ts';
import { isSameWrite, repositoriesOf, requireSources, resolveWrite } from './check-application.ts';
import { type Home, homeFault, namespaceFault } from './home.ts';

/** How an application is written. */
export type WriteChoice = {
  /** Whether one that is there and differs is changed. */
  readonly upsert: boolean;
  /** Whether project, destination and sources have to be there. */
  readonly validate: boolean;
};

/** What was written: the row, and whether it was not there before. */
export type Written = { readonly row: ApplicationRow; readonly created: boolean };

/** Creates an application; the same one again changes nothing. */
export async function writeApplication(
  control: Control,
  actor: Actor,
  application: Application,
  choice: WriteChoice,
): Promise<Written> {
  const { name } = application.metadata;
  const namespace = application.metadata.namespace || control.config.controlPlaneNamespace;
  const object = objectOf(control, { project: application.spec.project, name, namespace });
  actor.require({ resource: 'applications', action: 'create', object });
  await requireHome(control, { namespace, project: application.spec.project });
  const before = await control.store.find({ namespace, name });
  if (before !== undefined) requireSeen(control, actor, before, application.spec.project);
  const write = await resolveWrite(control, application, { ...choice, before });
  // What is there and must not change is answered or refused as it is.
  const writes = before === undefined || choice.upsert;
  if (choice.validate && writes) await requireSources(control, name, write, before);
  const row = await control.store.create({
    ...write,
    namespace,
    name,
    repositories: repositoriesOf(write),
    inProject: true,
    audit: auditOf(actor, { action: 'application.create', object, after: digestOf(control, write) }),
  });
  if (row === undefined) {
    return { row: await upsertInto(control, actor, { namespace, name }, write, choice), created: false };
  }
  wakeEngine(control, row);
  return { row, created: true };
}

/** Replaces what an owner decides about an application that is there. */
export async function changeApplication(
  control: Control,
  actor: Actor,
  row: ApplicationRow,
  application: Application,
  { validate, ifMatch }: Pick<WriteChoice, 'validate'> & { readonly ifMatch?: string | undefined },
): Promise<ApplicationRow> {
  const demand = (before: ApplicationRow): void => requireVersion(control, before, ifMatch);
  demand(row);
  const { project } = application.spec;
  const object = objectOf(control, { ...row, project });
  // Whoever moves it could as well create it there.
  if (project !== row.project) actor.require({ resource: 'applications', action: 'create', object });
  actor.require({ resource: 'applications', action: 'update', object });
  await requireHome(control, { namespace: row.namespace, project: application.spec.project });
  const write = await resolveWrite(control, application, { validate, before: row });
  if (validate) await requireSources(control, row.name, write, row);
  return store(control, actor, row, write, demand);
}

/** Refuses a write by somebody who has seen another state of the application than the one that it would replace. */
function requireVersion(control: Control, row: ApplicationRow, ifMatch: string | undefined): void {
  if (meetsEtag(ifMatch, row)) return;
  throw new KeelsonError(
    'conflict',
    `application "${nameOf(control, row)}" was changed meanwhile: it is of generation ${row.specGeneration} (${etagOf(row)}), and If-Match names another; read it again`,
  );
}

async function upsertInto(
  control: Control,
  actor: Actor,
  taken: { readonly namespace: string; readonly name: string },
  write: ApplicationWrite,
  { upsert }: WriteChoice,
): Promise<ApplicationRow> {
  const existing = await control.store.find(taken);
  if (existing === undefined) {
    throw new KeelsonError(
      'conflict',
      `application "${nameOf(control, taken)}" was deleted just now; create it again`,
      {
        retryable: true,
      },
    );
  }
  requireSeen(control, actor, existing, write.project);
  if (existing.deletionRequestedAt !== null) {
    throw new KeelsonError(
      'precondition-failed',
      `application "${nameOf(control, taken)}" is being deleted, and what is written to it now goes with it; create it again once it is gone`,
    );
  }
  if (isSameWrite(existing, write)) return existing;
  if (!upsert) {
    throw new KeelsonError(
      'invalid-argument',
      'existing application spec is different, use upsert flag to force update',
    );
  }
  for (const { project } of [existing, write]) {
    const object = objectOf(control, { ...existing, project });
    actor.require({ resource: 'applications', action: 'update', object });
  }
  return store(control, actor, existing, write);
}

/** Refuses a name that an application of another project has, without a word about it to who may not see it. */
function requireSeen(control: Control, actor: Actor, existing: ApplicationRow, project: string): void {
  if (existing.project === project) return;
  requireHidden(actor, { resource: 'applications', action: 'get', object: objectOf(control, existing) });
}

async function store(
  control: Control,
  author: Author,
  row: ApplicationRow,
  write: ApplicationWrite,
  demand?: (before: ApplicationRow) => void,
): Promise<ApplicationRow> {
  // The row that was checked may be older than the one that is replaced: somebody else may have written meanwhile.
  const audit = (before: ApplicationRow) =>
    auditOf(author, {
      action: 'application.update',
      object: objectOf(control, { ...before, project: write.project }),
      before: digestOf(control, before),
      after: digestOf(control, write),
    });
  const updated = await control.store.replace(row, write, {
    ...{ audit, demand },
    repositories: repositoriesOf(write),
    // One that was left without a project can still be changed otherwise.
    inProject: write.project !== row.project,
  });
  if (updated === undefined) {
    throw new KeelsonError('not-found', `application "${nameOf(control, row)}" was deleted meanwhile`);
  }
  wakeEngine(control, updated);
  // A deletion may wait for anything that was just written, a sync for an approval.
  if (updated.deletionRequestedAt !== null || approvesDeletions(row, updated)) {
    await announceApproval(control, updated);
  }
  return updated;
}

/** A digest of what an owner decided, by which the audit names it. */
export function digestOf({ keyring }: Pick<Control, 'keyring'>, decided: Decided): string {
  return keyring.digest(specText(decided));
}

/** Refuses an application where none may live, or that its project takes from no such namespace. */
async function requireHome(control: Control, home: Home): Promise<void> {
  const { controlPlaneNamespace: controlPlane } = control.config;
  const fault = await homeFault(control, controlPlane, home);
  if (fault === undefined) return;
  const isForbidden = namespaceFault(control, controlPlane, home.namespace) !== undefined;
  const remedy = isForbidden ? `; leave it out or use "${controlPlane}"` : '';
  throw new KeelsonError('invalid-argument', `${fault}${remedy}`);
}

/** Has an application looked at that was written just now. */
export function wakeEngine(control: Pick<Control, 'engine' | 'log'>, row: ApplicationRow): void {
  sendHint(control, control.engine.refreshApplication(row.id));
  if (row.clusterId !== null) sendHint(control, control.engine.ensureClusterSession(row.clusterId));
}
