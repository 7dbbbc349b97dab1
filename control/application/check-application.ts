import { sourceField, sourcesOf } from '../../core/application/source/source.ts';
import type { Application } from '../../core/application/spec/spec.ts';
import { checkNamespace } from '../../core/application/spec/validate.ts';
import { compareRules } from '../../core/diff/context.ts';
import { KeelsonError } from '../../core/errors.ts';
import { formatIssues, type Issue } from '../../core/issue.ts';
import { canonicalJson, sameJson } from '../../core/object/json/canonical.ts';
import { projectIssues as issuesOfProject } from '../../core/project/rules/refusal.ts';
import { repositoryUrlFault } from '../../core/repository/url-fault.ts';
import { defaultSettings } from '../../core/settings/settings.ts';
import type { ApplicationRow, ApplicationWrite } from '../../db/queries/application/application.ts';
import { type ClusterRow, findCluster } from '../../db/queries/cluster/cluster.ts';
import { findEffectiveProject } from '../../db/queries/project/effective-project.ts';
import type { Control } from '../context.ts';

type Existing = Pick<ApplicationRow, 'project' | 'spec'>;

type Checks = Pick<Control, 'comparing' | 'config' | 'db' | 'settings'>;

/**
 * What is written for an application: as its project permits it, and checked against the clusters there are, unless
 * `validate` is off, in which case an unknown destination is left open until such a cluster is added.
 */
export async function resolveWrite(
  deps: Checks,
  application: Application,
  { validate, before }: { readonly validate: boolean; readonly before: Existing | undefined },
): Promise<ApplicationWrite> {
  const { metadata, spec } = application;
  const cluster = await findCluster(deps.db, spec.destination, spec.project);
  const issues = sourcesOf(spec).flatMap(({ repoURL }, position): Issue[] => {
    const message = repositoryUrlFault(repoURL);
    return message === undefined ? [] : [{ path: `${sourceField(spec, position)}.repoURL`, message }];
  });
  const faulty = new Set(issues.map(({ path }) => path));
  // What a project says of an address names it, and a faulty one may carry a password.
  const ofProject = await projectIssues(deps, application, before, cluster);
  issues.push(...ofProject.filter(({ path }) => !faulty.has(path)));
  if (validate) issues.push(...(await validationIssues(deps, application, before, cluster)));
  refuseWith(metadata.name, issues);
  return {
    project: spec.project,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    finalizers: metadata.finalizers ?? [],
    spec,
  };
}

/**
 * What the project has against an application. What it is asked for and is there already stays: an application that a
 * project permits no more can be changed otherwise, as it is neither synced nor pruned.
 */
async function projectIssues(
  deps: Checks,
  { metadata, spec }: Application,
  before: Existing | undefined,
  cluster: ClusterRow | undefined,
): Promise<Issue[]> {
  const asked = (one: Existing['spec']) => [one.project, one.destination, sourcesOf(one)];
  if (before !== undefined && sameJson(asked(before.spec), asked(spec))) return [];
  const home = deps.config.controlPlaneNamespace;
  const project = await findEffectiveProject(deps, spec.project);
  return issuesOfProject({ project, cluster }, { namespace: metadata.namespace || home, spec }, home);
}

async function validationIssues(
  deps: Checks,
  application: Application,
  before: Existing | undefined,
  cluster: ClusterRow | undefined,
): Promise<Issue[]> {
  const { spec } = application;
  const issues: Issue[] = [];
  if (cluster === undefined) issues.push(unknownDestination(spec.destination));
  if (!sameJson(before?.spec.destination, spec.destination)) {
    issues.push(...checkNamespace(spec.destination));
  }
  issues.push(...(await ruleIssues(deps, application)));
  return issues;
}

function refuseWith(name: string, issues: readonly Issue[]): void {
  if (issues.length === 0) return;
  throw new KeelsonError(
    'invalid-argument',
    `application spec for ${name} is invalid: ${formatIssues(issues)}`,
  );
}

/** How long somebody waits for a worker's look at the sources; the first one at a large repository fetches it. */
const checkSeconds = 60;

/**
 * Has a worker look whether the sources are there, unless they are what they were: an application whose repository is
 * away can still be changed otherwise. That nobody looked is not the caller's fault.
 */
export async function requireSources(
  { engine }: Pick<Control, 'engine'>,
  name: string,
  { project, spec }: Existing,
  before: Existing | undefined,
): Promise<void> {
  const sources = sourcesOf(spec);
  const known =
    before !== undefined && before.project === project && sameJson(sourcesOf(before.spec), sources);
  if (known) return;
  const { reply, failure } = await engine.inspect<'sources'>(
    {
      kind: 'sources',
      project,
      sources: sources.map((source, position) => ({ field: sourceField(spec, position), source })),
    },
    checkSeconds,
  );
  if (reply !== undefined) return refuseWith(name, reply.issues);
  throw new KeelsonError(
    'unavailable',
    `application ${name} is not written, for its sources were not checked: ${failure.message}; with validate=false (keelson: --validate=false) it is written unchecked`,
    { retryable: true },
  );
}

/** A rule whose expression jq cannot run would fail every comparison; it is better refused here. */
async function ruleIssues(
  { comparing }: Pick<Control, 'comparing'>,
  { spec }: Application,
): Promise<Issue[]> {
  // The installation's own rules are not this application's fault.
  const context = { rules: compareRules(defaultSettings, spec) };
  const fault = await comparing.faultOf(context);
  return fault === undefined ? [] : [{ path: 'spec.ignoreDifferences', message: fault }];
}

function unknownDestination(destination: { server?: string | undefined; name?: string | undefined }): Issue {
  const named = destination.server ? `server "${destination.server}"` : `name "${destination.name ?? ''}"`;
  return {
    path: 'spec.destination',
    message: `there are no clusters with this ${destination.server ? 'server' : 'name'}: ${named}; add the cluster first or name a known one`,
  };
}

/** Whether a write would change nothing that the owner decides. */
export function isSameWrite(row: ApplicationRow, write: ApplicationWrite): boolean {
  const decided = ({ project, labels, annotations, finalizers, spec }: ApplicationWrite) =>
    canonicalJson({ project, labels, annotations, finalizers, spec });
  return decided(row) === decided(write);
}

/**
 * The repositories that an application reads from, in one order: two that name the same new ones at once never wait for
 * each other.
 */
export function repositoriesOf({ spec }: Pick<ApplicationWrite, 'spec'>) {
  const found = sourcesOf(spec).map(({ repoURL, chart }) => {
    const type = repoURL.startsWith('oci://') ? 'oci' : chart ? 'helm' : 'git';
    return { url: repoURL, type } as const;
  });
  return found.sort((one, other) => (one.url < other.url ? -1 : 1));
}
