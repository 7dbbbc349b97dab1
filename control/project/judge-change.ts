import { KeelsonError } from '../../core/errors.ts';
import { canonicalJson, sameJson } from '../../core/object/json/canonical.ts';
import {
  concernedProjects,
  type FallOut,
  fallOut,
  type Projects,
} from '../../core/project/change/fall-out.ts';
import { rightsForChange } from '../../core/project/change/needed-rights.ts';
import {
  type OwnPart,
  rulesOf,
  withNormalPolicies,
  withoutInherited,
  withoutTokens,
} from '../../core/project/change/own-part.ts';
import { projectManifest } from '../../core/project/manifest.ts';
import { type AppProject, ProjectSpec } from '../../core/project/project.ts';
import { withAlignedTokens } from '../../core/project/roles/tokens.ts';
import { globalNamesOf } from '../../core/project/rules/global.ts';
import type { Database } from '../../db/client.ts';
import { governedApplications, storedProjects } from '../../db/queries/project/governed-applications.ts';
import type { ProjectRow } from '../../db/queries/project/project.ts';
import type { ProjectWrite } from '../../db/queries/project/write-project.ts';
import type { Actor, Control } from '../context.ts';

/** What a change of a project comes to before it is made. */
export type Judgement = {
  readonly write: ProjectWrite;
  /** Whether nothing of what its owner decides becomes another. */
  readonly same: boolean;
  readonly fallOut: FallOut;
  /** Why it can't be made as long as the applications are as they are. */
  readonly refusal: string | undefined;
  /** The projects whose rules become others. */
  readonly concerned: readonly string[];
};

/** How a change is judged. */
export type JudgeChoice = {
  /** Whether live objects that fall out are looked for, too. */
  readonly objects: boolean;
  /** Whether the version that the writer has seen has to be the one that is there. */
  readonly versioned: boolean;
};

/** Judges what somebody wants to make of a project that is there, for whom it has to be permitted. */
export async function judgeChange(
  control: Pick<Control, 'config' | 'settings'>,
  db: Database,
  actor: Actor,
  row: ProjectRow,
  wanted: AppProject,
  { objects, versioned }: JudgeChoice,
): Promise<Judgement> {
  if (versioned) refuseStale(row, wanted.metadata.resourceVersion);
  const before = await projectsNow(control, db);
  const own = ownPartOf(row);
  const next = nextPart(own, row.name, wanted, before);
  for (const right of rightsForChange(own.spec, next.spec)) actor.require(right);
  const after = withProject(before, row.name, next);
  const changes = !sameJson([rulesOf(own.spec), own.labels], [rulesOf(next.spec), next.labels]);
  const concerned = changes ? concernedProjects(row.name, before, after) : [];
  const applications = changes ? await governedApplications(db, concerned, { objects }) : [];
  const fallen = fallOut(applications, before, after, control.config.controlPlaneNamespace);
  return {
    write: writeOf(control, row, next),
    same: sameJson(own, next),
    fallOut: fallen,
    refusal: refusalOf(row.name, fallen),
    concerned,
  };
}

/** All projects as they are. */
export async function projectsNow({ settings }: Pick<Control, 'settings'>, db: Database): Promise<Projects> {
  return { stored: await storedProjects(db), globals: settings.current().globalProjects };
}

/** What the owner of a project has decided; what can't be read gives nobody a right that has to be asked for. */
export function ownPartOf({ labels, annotations, finalizers, spec }: ProjectRow): OwnPart {
  return { labels, annotations, finalizers, spec: withoutTokens(readableSpec(spec) ?? {}) };
}

/** A digest of what the owner of a project decides, by which the audit names it. */
export function digestOf({ keyring }: Pick<Control, 'keyring'>, write: ProjectWrite): string {
  const { labels, annotations, finalizers, spec } = write;
  return keyring.digest(canonicalJson({ labels, annotations, finalizers, spec }));
}

/** All projects with one of them as it would be. */
export function withProject(projects: Projects, name: string, { labels, spec }: OwnPart): Projects {
  const clusters = projects.stored.get(name)?.clusters ?? [];
  return { ...projects, stored: new Map([...projects.stored, [name, { name, labels, spec, clusters }]]) };
}

/** What is left out stays, but for the spec. */
function nextPart(own: OwnPart, name: string, { metadata, spec }: AppProject, projects: Projects): OwnPart {
  const { labels = own.labels, annotations = own.annotations, finalizers = own.finalizers } = metadata;
  const globals = globalNamesOf({ metadata: { name, labels } }, projects.globals)
    .map((global) => readableSpec(projects.stored.get(global)?.spec))
    .filter((found) => found !== undefined);
  const normal = withNormalPolicies(withoutTokens(spec));
  return { labels, annotations, finalizers, spec: withoutInherited(normal, own.spec, globals) };
}

function readableSpec(spec: unknown): ProjectSpec | undefined {
  const read = ProjectSpec.safeParse(spec);
  return read.success ? read.data : undefined;
}

/** Roles keep the tokens that are recorded of them, whoever writes the project; those of roles that go are revoked. */
function writeOf({ config }: Pick<Control, 'config'>, row: ProjectRow, next: OwnPart): ProjectWrite {
  const { spec, status } = withAlignedTokens({
    ...projectManifest(row, config.controlPlaneNamespace),
    spec: next.spec,
  });
  return { ...next, spec, status: status ?? {} };
}

function refuseStale(row: ProjectRow, seen: string | undefined): void {
  if (seen === undefined || seen === '' || seen === String(row.resourceVersion)) return;
  throw new KeelsonError(
    'conflict',
    `Operation cannot be fulfilled on appprojects.argoproj.io "${row.name}": the object has been modified; please apply your changes to the latest version and try again`,
  );
}

/** Only the project's own applications keep it from being changed. */
function refusalOf(name: string, { applications }: FallOut): string | undefined {
  const own = applications.filter(({ application }) => application.project === name);
  const parts = (['source', 'destination'] as const).flatMap((part) => {
    const count = own.filter((fallen) => fallen.part === part).length;
    return count === 0 ? [] : [`${count} applications ${part} became invalid`];
  });
  return parts.length === 0 ? undefined : `as a result of project update ${parts.join(' and ')}`;
}
