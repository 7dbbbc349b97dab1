import type { Application } from '../../core/application/spec/spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import {
  type ApplicationRow,
  type ApplicationWrite,
  findApplication,
  updateApplication,
} from '../../db/queries/application/application.ts';
import { createApplication } from '../../db/queries/application/application-create.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import { ensureRepository } from '../../db/queries/repository/repository.ts';
import { type Actor, applicationObject, type Control } from '../context.ts';
import { sendHint } from '../hint.ts';
import { announceApproval, approvesDeletions } from './approve-deletions.ts';
import { isSameWrite, repositoriesOf, requireSources, resolveWrite } from './check-application.ts';

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
  const object = applicationObject({ project: application.spec.project, name });
  actor.require({ resource: 'applications', action: 'create', object });
  const namespace = homeOf(application, control.config.controlPlaneNamespace);
  const before = await findApplication(control.db, { namespace, name });
  const write = await resolveWrite(control, application, { ...choice, before });
  // What is there and must not change is answered or refused as it is.
  const writes = before === undefined || choice.upsert;
  if (choice.validate && writes) await requireSources(control, name, write, before);
  const row = await createApplication(control.db, {
    ...write,
    namespace,
    name,
    repositories: repositoriesOf(write),
    audit: { actor: actor.by.username, action: 'application.create', object },
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
  { validate }: Pick<WriteChoice, 'validate'>,
): Promise<ApplicationRow> {
  const object = applicationObject({ project: application.spec.project, name: row.name });
  actor.require({ resource: 'applications', action: 'update', object });
  const write = await resolveWrite(control, application, { validate, before: row });
  if (validate) await requireSources(control, row.name, write, row);
  return store(control, actor, row, write);
}

async function upsertInto(
  control: Control,
  actor: Actor,
  taken: { readonly namespace: string; readonly name: string },
  write: ApplicationWrite,
  { upsert }: WriteChoice,
): Promise<ApplicationRow> {
  const existing = await findApplication(control.db, taken);
  if (existing === undefined) {
    throw new KeelsonError('conflict', `application "${taken.name}" was deleted just now; create it again`, {
      retryable: true,
    });
  }
  if (existing.deletionRequestedAt !== null) {
    throw new KeelsonError(
      'precondition-failed',
      `application "${taken.name}" is being deleted, and what is written to it now goes with it; create it again once it is gone`,
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
    const object = applicationObject({ project, name: existing.name });
    actor.require({ resource: 'applications', action: 'update', object });
  }
  return store(control, actor, existing, write);
}

async function store(
  control: Control,
  { by }: Actor,
  row: ApplicationRow,
  write: ApplicationWrite,
): Promise<ApplicationRow> {
  const updated = await control.db.transaction(async (tx) => {
    const written = await updateApplication(tx, row, write);
    if (written === undefined)
      throw new KeelsonError('not-found', `application "${row.name}" was deleted meanwhile`);
    for (const repository of repositoriesOf(write)) await ensureRepository(tx, repository);
    await recordAudit(tx, {
      actor: by.username,
      action: 'application.update',
      object: applicationObject({ project: write.project, name: row.name }),
    });
    return written;
  });
  wakeEngine(control, updated);
  // A deletion may wait for anything that was just written, a sync for an approval.
  if (updated.deletionRequestedAt !== null || approvesDeletions(row, updated)) {
    await announceApproval(control, updated);
  }
  return updated;
}

function homeOf(application: Application, controlPlaneNamespace: string): string {
  const namespace = application.metadata.namespace || controlPlaneNamespace;
  if (namespace === controlPlaneNamespace) return namespace;
  throw new KeelsonError(
    'invalid-argument',
    `namespace "${namespace}" is not permitted for applications; leave it out or use "${controlPlaneNamespace}"`,
  );
}

function wakeEngine(control: Control, row: ApplicationRow): void {
  sendHint(control, control.engine.refreshApplication(row.id));
  if (row.clusterId !== null) sendHint(control, control.engine.ensureClusterSession(row.clusterId));
}
