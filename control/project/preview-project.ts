import type { FallOut } from '../../core/project/change/fall-out.ts';
import { projectManifest } from '../../core/project/manifest.ts';
import type { AppProject } from '../../core/project/project.ts';
import type { ProjectRow } from '../../db/queries/project/project.ts';
import type { Actor, Control } from '../context.ts';
import { type Judgement, judgeChange } from './judge-change.ts';
import { newWrite, refuseForeign, refuseOther, unknownProject } from './write-project.ts';

/** What a project would be, what would fall out of it, and why it would not be saved as it is. */
export type Preview = {
  readonly project: AppProject;
  readonly fallOut: FallOut;
  readonly refusal: string | undefined;
};

/** What the creation of a project would come to; nothing is written. */
export async function previewCreation(
  control: Control,
  actor: Actor,
  project: AppProject,
  { upsert }: { readonly upsert: boolean },
): Promise<Preview> {
  const { name } = project.metadata;
  actor.require({ resource: 'projects', action: 'create', object: name });
  refuseForeign(control, project);
  const existing = await control.projects.find(name);
  if (existing === undefined) {
    const { spec, status } = newWrite(project);
    return { project: { ...project, spec, status }, fallOut: nothing, refusal: undefined };
  }
  if (upsert) return previewOf(control, actor, existing, project, { versioned: false });
  refuseOther(existing, project);
  return shown(control, existing, undefined);
}

/** What a change of a project would come to; nothing is written. */
export async function previewUpdate(control: Control, actor: Actor, project: AppProject): Promise<Preview> {
  const { name } = project.metadata;
  actor.require({ resource: 'projects', action: 'update', object: name });
  refuseForeign(control, project);
  const existing = await control.projects.find(name);
  if (existing === undefined) throw unknownProject(name);
  return previewOf(control, actor, existing, project, { versioned: true });
}

const nothing: FallOut = { applications: [], objects: [] };

async function previewOf(
  control: Control,
  actor: Actor,
  row: ProjectRow,
  project: AppProject,
  { versioned }: { readonly versioned: boolean },
): Promise<Preview> {
  actor.require({ resource: 'projects', action: 'update', object: row.name });
  const judged = await judgeChange(control, control.db, actor, row, project, { objects: true, versioned });
  return shown(control, row, judged);
}

function shown({ config }: Control, row: ProjectRow, judged: Judgement | undefined): Preview {
  const project = projectManifest({ ...row, ...judged?.write }, config.controlPlaneNamespace);
  return { project, fallOut: judged?.fallOut ?? nothing, refusal: judged?.refusal };
}
