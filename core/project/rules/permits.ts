import { isGlob, matchesGlob } from '../../text/glob.ts';
import type { AppProject, ProjectDestination, ProjectKind } from '../project.ts';
import { fitsKindPattern } from './kind-pattern.ts';
import { fitsNamespace } from './namespace-pattern.ts';
import { fitsSource, isSourcePattern } from './source-pattern.ts';

/** An answer of a project: the rule that decided, by its field path, and for a refusal the words. */
export type Permission =
  | { readonly permitted: true; readonly rule: string }
  | { readonly permitted: false; readonly rule: string; readonly message: string };

/** The part of a project that its answers need. */
export type PermittingProject = Pick<AppProject, 'metadata' | 'spec'>;

/** Where objects go: the cluster by both names that it has, and a namespace. */
export type PermitDestination = {
  readonly server: string;
  readonly name: string;
  readonly namespace: string;
};

/** An object's kind and name, and its namespace; undefined for a cluster-scoped one. */
export type PermitObject = {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
};

/** Clusters that belong to a project, by name and server. */
export type ScopedCluster = { readonly server: string; readonly name: string };

/** Whether a project deploys from a repository. */
export function permitsSource({ metadata, spec }: PermittingProject, url: string): Permission {
  const refused = (rule: string): Permission => ({
    permitted: false,
    rule,
    message: `application repo ${url} is not permitted in project '${metadata.name}'`,
  });
  let allowing: string | undefined;
  for (const [at, pattern] of (spec.sourceRepos ?? []).entries()) {
    const rule = `spec.sourceRepos[${at}]`;
    const plain = withoutDenial(pattern);
    const fits = fitsSource(plain, url);
    if (isDenial(pattern) && (fits || !isSourcePattern(plain))) return refused(rule);
    if (isDenial(pattern) || fits) allowing ??= rule;
  }
  return allowing === undefined ? refused('spec.sourceRepos') : { permitted: true, rule: allowing };
}

/** Whether a project deploys to a namespace of a cluster. `scoped` are the clusters that are the project's own. */
export function permitsDestination(
  { metadata, spec }: PermittingProject,
  destination: PermitDestination,
  scoped: readonly ScopedCluster[],
): Permission {
  const { server, name, namespace } = destination;
  const refused = (rule: string, why: string): Permission => ({
    permitted: false,
    rule,
    message: `application destination server '${server}' and namespace '${namespace}' ${why} project '${metadata.name}'`,
  });
  let allowing: string | undefined;
  for (const [at, item] of (spec.destinations ?? []).entries()) {
    const verdict = judgeDestination(item, destination);
    const rule = `spec.destinations[${at}]`;
    if (verdict === 'denied') return refused(rule, 'are denied by');
    if (verdict === 'allowed') allowing ??= rule;
  }
  if (allowing === undefined) {
    return refused('spec.destinations', 'do not match any of the allowed destinations in');
  }
  const isOwn = scoped.some((cluster) => cluster.server === server || cluster.name === name);
  return spec.permitOnlyProjectScopedClusters === true && !isOwn
    ? refused('spec.permitOnlyProjectScopedClusters', 'are not in a cluster of its own of')
    : { permitted: true, rule: allowing };
}

/**
 * A denial that doesn't fit counts as a permission, in each of the three fields, and one that can't be read denies. One of
 * a cluster's name denies all its namespaces; one of a server denies those that the namespace fits, one of a namespace
 * those of servers that fit.
 */
function judgeDestination(
  { server = '', name = '', namespace = '' }: ProjectDestination,
  destination: PermitDestination,
): 'allowed' | 'denied' | undefined {
  if ([name, server, namespace].some((pattern) => isDenial(pattern) && !isGlob(withoutDenial(pattern)))) {
    return 'denied';
  }
  const byName = destination.name !== '' && holds(name, destination.name);
  const byServer = destination.server !== '' && holds(server, destination.server);
  const byNamespace = holds(namespace, destination.namespace);
  if (isDenial(name) && !byName) return 'denied';
  if (isDenial(server) && !byServer && byNamespace) return 'denied';
  if (isDenial(namespace) && !byNamespace && byServer) return 'denied';
  return (byName || byServer) && byNamespace ? 'allowed' : undefined;
}

/** Whether a glob fits or, after `!`, doesn't. */
function holds(pattern: string, text: string): boolean {
  return isDenial(pattern) ? !matchesGlob(withoutDenial(pattern), text) : matchesGlob(pattern, text);
}

function isDenial(pattern: string): boolean {
  return pattern.startsWith('!');
}

function withoutDenial(pattern: string): string {
  return isDenial(pattern) ? pattern.slice(1) : pattern;
}

/** Whether a project deploys objects of a kind, cluster-scoped ones by their names too. */
export function permitsKind({ metadata, spec }: PermittingProject, object: PermitObject): Permission {
  const scope = object.namespace === undefined ? 'cluster' : 'namespace';
  const white = `${scope}ResourceWhitelist` as const;
  const black = `${scope}ResourceBlacklist` as const;
  const refused = (rule: string): Permission => ({
    permitted: false,
    rule,
    message: `resource ${object.group}:${object.kind} is not permitted in project ${metadata.name}`,
  });
  // What can't be read in a list of denials denies, and permits nothing in one of permissions.
  const denying = (spec[black] ?? []).findIndex((item) => fitsKind(item, object) !== false);
  if (denying !== -1) return refused(`spec.${black}[${denying}]`);
  const list = spec[white];
  if (list === undefined && scope === 'namespace') return { permitted: true, rule: `spec.${white}` };
  const allowing = (list ?? []).findIndex((item) => fitsKind(item, object) === true);
  return allowing === -1 ? refused(`spec.${white}`) : { permitted: true, rule: `spec.${white}[${allowing}]` };
}

/** Undefined when a pattern that decides can't be read. */
function fitsKind({ group, kind, name = '' }: ProjectKind, object: PermitObject): boolean | undefined {
  const fits = [fitsKindPattern(kind, object.kind), fitsKindPattern(group, object.group)];
  if (object.namespace === undefined && name !== '') fits.push(fitsKindPattern(name, object.name));
  if (fits.includes(false)) return false;
  return fits.includes(undefined) ? undefined : true;
}

/** Whether a project deploys an object where it is: its kind and, for a namespaced one, the namespace. */
export function permitsObject(
  project: PermittingProject,
  object: PermitObject,
  cluster: ScopedCluster,
  scoped: readonly ScopedCluster[],
): Permission {
  const kind = permitsKind(project, object);
  if (!kind.permitted || object.namespace === undefined) return kind;
  const place = permitsDestination(project, { ...cluster, namespace: object.namespace }, scoped);
  if (place.permitted) return kind;
  const message = `namespace ${object.namespace} is not permitted in project '${project.metadata.name}'`;
  return { ...place, message };
}

/** Whether applications of a namespace other than Keelson's own may be in a project. */
export function permitsSourceNamespace({ metadata, spec }: PermittingProject, namespace: string): Permission {
  const at = (spec.sourceNamespaces ?? []).findIndex((pattern) => fitsNamespace(pattern, namespace));
  if (at !== -1) return { permitted: true, rule: `spec.sourceNamespaces[${at}]` };
  const message = `application in namespace '${namespace}' is not permitted to use project '${metadata.name}'`;
  return { permitted: false, rule: 'spec.sourceNamespaces', message };
}
