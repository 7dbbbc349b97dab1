import { KeelsonError } from '../../core/errors.ts';
import { concernedProjects } from '../../core/project/change/fall-out.ts';
import { differingFields, withNormalPolicies, withoutTokens } from '../../core/project/change/own-part.ts';
import type { AppProject } from '../../core/project/project.ts';
import { withAlignedTokens } from '../../core/project/roles/tokens.ts';
import type { ProjectRow } from '../../db/queries/project/project.ts';
import { countApplicationsIn, type ProjectWrite } from '../../db/queries/project/write-project.ts';
import { type Actor, auditOf, type Control } from '../context.ts';
import { sendHint } from '../hint.ts';
import { digestOf, judgeChange, ownPartOf, projectsNow, withProject } from './judge-change.ts';
import type { ProjectChange, ProjectDecision } from './project-store.ts';

/** Creates a project; the same one again changes nothing, another one of its name does with `upsert`. */
export async function createProject(
  control: Control,
  actor: Actor,
  project: AppProject,
  { upsert }: { readonly upsert: boolean },
): Promise<ProjectRow> {
  const { name } = project.metadata;
  actor.require({ resource: 'projects', action: 'create', object: name });
  refuseForeign(control, project);
  const write = newWrite(project);
  const before = await projectsNow(control, control.db);
  const created = await control.projects.create(
    { name, ...write },
    {
      audit: auditOf(actor, { action: 'project.create', object: name, after: digestOf(control, write) }),
      concerned: concernedProjects(name, before, withProject(before, name, write)),
    },
  );
  if (created !== undefined) return follow(control, created);
  if (upsert) return changeProject(control, actor, project, { versioned: false });
  const existing = await control.projects.find(name);
  if (existing === undefined) throw deletedMeanwhile(name);
  refuseOther(existing, project);
  return existing;
}

/** Replaces what an owner decides about a project that is there. */
export function updateProject(control: Control, actor: Actor, project: AppProject): Promise<ProjectRow> {
  refuseForeign(control, project);
  return changeProject(control, actor, project, { versioned: true });
}

/** Forgets a project that no application is in. */
export async function deleteProject(control: Control, actor: Actor, name: string): Promise<void> {
  actor.require({ resource: 'projects', action: 'delete', object: name });
  if (name === 'default') {
    throw new KeelsonError('invalid-argument', `name '${name}' is reserved and cannot be deleted`);
  }
  const deleted = await control.projects.change(name, async (row, db): Promise<ProjectDecision> => {
    const users = await countApplicationsIn(db, name);
    if (users > 0) {
      throw new KeelsonError('invalid-argument', `project is referenced by ${users} applications`);
    }
    const before = await projectsNow(control, db);
    const stored = new Map(before.stored);
    stored.delete(name);
    const concerned = concernedProjects(name, before, { ...before, stored });
    return {
      kind: 'remove',
      audit: auditOf(actor, { action: 'project.delete', object: name, before: digestOf(control, row) }),
      concerned,
    };
  });
  if (deleted === undefined) throw unknownProject(name);
  follow(control, deleted);
}

/** The error for a project that isn't there. */
export function unknownProject(name: string): KeelsonError {
  return new KeelsonError(
    'not-found',
    `project "${name}" was not found; list the projects to see their names`,
  );
}

/** What is stored of a project that is new: its tokens are those of another installation with the same secret. */
export function newWrite(project: AppProject): ProjectWrite {
  const { labels = {}, annotations = {}, finalizers = [] } = project.metadata;
  const { spec, status = {} } = withAlignedTokens({ ...project, spec: withNormalPolicies(project.spec) });
  return { labels, annotations, finalizers, spec, status };
}

/** Refuses another spec than the one that is there. */
export function refuseOther(existing: ProjectRow, { spec }: AppProject): void {
  const fields = differingFields(ownPartOf(existing).spec, withNormalPolicies(withoutTokens(spec)));
  if (fields.length === 0) return;
  throw new KeelsonError(
    'invalid-argument',
    `existing project spec is different; use upsert flag to force update; difference in keys "${fields.join(',')}"`,
  );
}

/** Refuses a project of another namespace than the one in which they are kept. */
export function refuseForeign({ config }: Pick<Control, 'config'>, { metadata }: AppProject): void {
  const { namespace = '' } = metadata;
  if (namespace === '' || namespace === config.controlPlaneNamespace) return;
  throw new KeelsonError(
    'invalid-argument',
    `namespace "${namespace}" is not where projects are kept; leave it out or use "${config.controlPlaneNamespace}"`,
  );
}

async function changeProject(
  control: Control,
  actor: Actor,
  project: AppProject,
  { versioned }: { readonly versioned: boolean },
): Promise<ProjectRow> {
  const { name } = project.metadata;
  actor.require({ resource: 'projects', action: 'update', object: name });
  const changed = await control.projects.change(name, async (row, db): Promise<ProjectDecision> => {
    const judged = await judgeChange(control, db, actor, row, project, { objects: false, versioned });
    if (judged.refusal !== undefined) throw new KeelsonError('invalid-argument', judged.refusal);
    if (judged.same) return { kind: 'keep' };
    const audit = auditOf(actor, {
      action: 'project.update',
      object: name,
      before: digestOf(control, row),
      after: digestOf(control, judged.write),
    });
    return { kind: 'replace', write: judged.write, audit, concerned: judged.concerned };
  });
  if (changed === undefined) throw versioned ? unknownProject(name) : deletedMeanwhile(name);
  return follow(control, changed);
}

/** Has the applications looked at again whose rules are others now. */
function follow(control: Control, { row, refresh }: ProjectChange): ProjectRow {
  sendHint(control, control.engine.refreshApplications(refresh));
  return row;
}

function deletedMeanwhile(name: string): KeelsonError {
  return new KeelsonError('conflict', `project "${name}" was deleted just now; create it again`, {
    retryable: true,
  });
}
