import { instanceName } from '../../../core/application/source/source.ts';
import { keyId } from '../../../core/object/key.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import type { EffectiveProject } from '../../../core/project/effective.ts';
import { isReportedOrphan } from '../../../core/project/rules/orphan.ts';
import { ownerOf, trackedOf } from '../../../core/sync/tracking/tracking.ts';
import type { Database } from '../../../db/client.ts';
import { applicationsNamed } from '../../../db/queries/application/desired.ts';
import type { ClusterSession } from '../cluster-session.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { Picture } from './picture.ts';

/** Objects of no application, and whether people are warned of them. */
export type Orphans = { readonly objects: readonly Manifest[]; readonly warn: boolean };

const none: Orphans = { objects: [], warn: false };

type Subject = {
  readonly application: {
    readonly id: string;
    readonly spec: { readonly destination: { readonly namespace?: string | undefined } };
  };
  readonly instance: string;
  readonly project: EffectiveProject;
};

/**
 * What stands at the top of an application's namespace and belongs to no application, where the project asks for that:
 * from the cache, so that only kinds count that it watches.
 */
export async function findOrphans(
  { db, homeNamespace }: { readonly db: Database; readonly homeNamespace: string },
  { view, desirers, orphanWatch }: Pick<ClusterSession, 'desirers' | 'orphanWatch' | 'view'>,
  { application, instance, project }: Subject,
  { chosen, objects, terms }: Pick<Picture, 'chosen' | 'objects' | 'terms'>,
): Promise<Orphans> {
  const rules = project.usable ? project.project.spec.orphanedResources : undefined;
  const namespace = rules === undefined ? undefined : application.spec.destination.namespace || undefined;
  orphanWatch.note(application.id, namespace);
  if (rules === undefined || namespace === undefined) return none;
  const own = [...chosen.kept.map(({ key }) => key), ...chosen.spared, ...objects.map(({ key }) => key)];
  const managed = new Set(own.map(keyId));
  const { tracking } = view.settings;
  const candidates = view.inNamespace(namespace).flatMap((object) => {
    const key = keyOf(object);
    const owner = ownerOf(trackedOf(object), tracking);
    const isCounted =
      owner !== instance &&
      !managed.has(keyId(key)) &&
      desirers.of(key).length === 0 &&
      isReportedOrphan(rules, key) &&
      terms.refusalOf(key) === undefined &&
      !hasInferredOwner(view, object);
    return isCounted ? [{ object, owner }] : [];
  });
  const existing = await existingOf(
    db,
    homeNamespace,
    candidates.flatMap(({ owner }) => owner ?? []),
  );
  const orphans = candidates.filter(({ owner }) => owner === undefined || !existing.has(owner));
  return { objects: orphans.map(({ object }) => object), warn: rules.warn !== false };
}

/** Those of some names in tracking marks that applications have. */
async function existingOf(
  db: Database,
  homeNamespace: string,
  instances: readonly string[],
): Promise<ReadonlySet<string>> {
  if (instances.length === 0) return new Set();
  const names = new Set(instances.map((instance) => instance.split('_').at(-1) ?? instance));
  const found = await applicationsNamed(db, [...names]);
  return new Set(found.map((metadata) => instanceName({ metadata }, homeNamespace)));
}

/** Whether Kubernetes made an object for another one without saying so by an owner reference. */
function hasInferredOwner(view: Pick<ClusterView, 'get' | 'ofKind'>, object: Manifest): boolean {
  const { group, kind, namespace, name } = keyOf(object);
  if (group !== '') return false;
  if (kind === 'Endpoints') return view.get({ group: '', kind: 'Service', namespace, name }) !== undefined;
  if (kind === 'Secret') return object['type'] === 'kubernetes.io/service-account-token';
  if (kind !== 'PersistentVolumeClaim') return false;
  return view.ofKind('apps', 'StatefulSet').some((set) => {
    const marker = `-${set.metadata.name ?? ''}-`;
    return (
      set.metadata.namespace === namespace &&
      /^\d+$/.test(name.slice(name.lastIndexOf(marker) + marker.length)) &&
      name.includes(marker)
    );
  });
}
