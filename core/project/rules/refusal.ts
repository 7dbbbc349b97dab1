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

/** What a project has against an application as a whole, in the reference's words with the rule. */
export function applicationIssues(
  { project: effective, cluster }: ProjectGround,
  { namespace, spec }: JudgedApplication,
  home: string,
): Issue[] {
  if (!effective.usable) return [{ path: 'spec.project', message: effective.message }];
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
    ...(namespace === home
      ? []
      : refused('metadata.namespace', permitsSourceNamespace(effective.project, namespace))),
  ];
}

/** What a project has against the sources of an application; they are read only where it has nothing. */
export function sourceIssues(effective: EffectiveProject, spec: ApplicationSpec): Issue[] {
  if (!effective.usable) return [{ path: 'spec.project', message: effective.message }];
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

function refused(path: string, permission: Permission): Issue[] {
  const message = wordsOf(permission);
  return message === undefined ? [] : [{ path, message }];
}

function wordsOf(permission: Permission): string | undefined {
  return permission.permitted ? undefined : `${permission.message} (${permission.rule})`;
}
