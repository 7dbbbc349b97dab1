import { type Homes, isHome } from '../../application/home.ts';
import { sourceField, sourcesOf } from '../../application/source/source.ts';
import type { ApplicationSpec } from '../../application/spec/spec.ts';
import type { Issue } from '../../issue.ts';
import type { ResourceKey } from '../../object/key.ts';
import type { EffectiveProject } from '../effective.ts';
import {
  type Permission,
  permitsDestination,
  permitsObject,
  permitsSource,
  permitsSourceNamespace,
  type ScopedCluster,
} from './permits.ts';

/** What a project is asked for an application: everything that is done for it goes by this. */
export type ProjectGround = {
  readonly project: EffectiveProject;
  /** The cluster that the application's destination means; undefined where it means none. */
  readonly cluster: ScopedCluster | undefined;
};

/** An application as its project judges it. */
export type JudgedApplication = {
  readonly namespace: string;
  readonly spec: ApplicationSpec;
};

/** Why an object may be neither written nor deleted, by words that name the rule; undefined where it may. */
export type ObjectRefusal = (key: ResourceKey) => string | undefined;

/** What the settings and its project have against an application as a whole, so that no sync of it may write. */
export function applicationIssues(ground: ProjectGround, judged: JudgedApplication, homes: Homes): Issue[] {
  return [...namespaceIssues(judged.namespace, homes), ...projectIssues(ground, judged, homes.controlPlane)];
}

/** What the settings have against an application that lives in a namespace. */
export function namespaceIssues(namespace: string, homes: Homes): Issue[] {
  return isHome(namespace, homes)
    ? []
    : [{ path: 'metadata.namespace', message: `namespace "${namespace}" is not permitted for applications` }];
}

/** What a project has against an application as a whole, in the reference's words with the rule. */
export function projectIssues(
  { project: effective, cluster }: ProjectGround,
  { namespace, spec }: JudgedApplication,
  controlPlane: string,
): Issue[] {
  if (!effective.usable) return [unusable(effective)];
  const { destination } = spec;
  return [
    ...sourceIssues(effective, spec),
    ...(cluster === undefined
      ? []
      : refused(
          'spec.destination',
          permitsDestination(
            effective.project,
            { ...cluster, namespace: destination.namespace ?? '' },
            effective.clusters,
          ),
        )),
    ...sourceNamespaceIssues(effective, namespace, controlPlane),
  ];
}

/** What a project has against an application that lives in a namespace; one that can't be asked takes none. */
export function sourceNamespaceIssues(
  effective: EffectiveProject,
  namespace: string,
  controlPlane: string,
): Issue[] {
  if (namespace === controlPlane) return [];
  if (!effective.usable) return [unusable(effective)];
  return refused('metadata.namespace', permitsSourceNamespace(effective.project, namespace));
}

/** What a project has against the sources of an application; they are read only where it has nothing. */
export function sourceIssues(effective: EffectiveProject, spec: ApplicationSpec): Issue[] {
  if (!effective.usable) return [unusable(effective)];
  return sourcesOf(spec).flatMap(({ repoURL }, position) =>
    refused(`${sourceField(spec, position)}.repoURL`, permitsSource(effective.project, repoURL)),
  );
}

/** Judges objects of an application. A cluster that is unknown permits nothing. */
export function objectRefusal({ project: effective, cluster }: ProjectGround): ObjectRefusal {
  if (!effective.usable) return () => effective.message;
  const { project, clusters } = effective;
  const at = cluster ?? { server: '', name: '' };
  return ({ group, kind, name, namespace }) => {
    const object = { group, kind, name, namespace: namespace === '' ? undefined : namespace };
    return wordsOf(permitsObject(project, object, at, clusters));
  };
}

function unusable({ message }: { readonly message: string }): Issue {
  return { path: 'spec.project', message };
}

function refused(path: string, permission: Permission): Issue[] {
  const message = wordsOf(permission);
  return message === undefined ? [] : [{ path, message }];
}

function wordsOf(permission: Permission): string | undefined {
  return permission.permitted ? undefined : `${permission.message} (${permission.rule})`;
}
