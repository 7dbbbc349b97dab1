import { installationIdAnnotation, instanceLabel, trackingIdAnnotation } from '../object/annotations.ts';
import type { ResourceKey } from '../object/key.ts';
import { groupOf, keyOf, type Manifest, type ObjectMetadata } from '../object/manifest.ts';

/** How an object says which application it belongs to. */
export type TrackingMethod = 'annotation' | 'label' | 'annotation+label';

/** How this installation tracks objects. */
export type Tracking = {
  readonly method: TrackingMethod;
  /** `app.kubernetes.io/instance` unless set otherwise. */
  readonly labelKey?: string;
  /** Objects with another installation's id count as untracked. */
  readonly installationId?: string;
};

/** An application's name and the object it says it owns. */
export type TrackingId = { readonly instance: string; readonly key: ResourceKey };

/** `app:group/Kind:namespace/name`; the core group is empty. */
export function formatTrackingId(id: TrackingId): string {
  const { group, kind, namespace, name } = id.key;
  return `${id.instance}:${group}/${kind}:${namespace}/${name}`;
}

/** The parts of a tracking id; undefined for any other text. */
export function readTrackingId(text: string): TrackingId | undefined {
  const match = /^([^:]*):([^/:]*)\/([^/:]*):([^/]*)\/([^/]*)$/.exec(text);
  if (match === null) return undefined;
  const [, instance = '', group = '', kind = '', namespace = '', name = ''] = match;
  return { instance, key: { group, kind, namespace, name } };
}

/** The live object's own words about its owner, and what the object is. */
export type Tracked = {
  readonly key: ResourceKey;
  readonly metadata: Pick<ObjectMetadata, 'annotations' | 'labels'>;
};

/** The application that a live object says it belongs to; undefined when it names none. */
export function ownerOf(live: Tracked, tracking: Tracking): string | undefined {
  if (tracking.method === 'label') {
    return live.metadata.labels?.[tracking.labelKey ?? instanceLabel] || undefined;
  }
  return trackingIdOf(live, tracking)?.instance || undefined;
}

function trackingIdOf(live: Tracked, tracking: Tracking): TrackingId | undefined {
  const annotations = live.metadata.annotations ?? {};
  if ((annotations[installationIdAnnotation] ?? '') !== (tracking.installationId ?? '')) return undefined;
  return readTrackingId(annotations[trackingIdAnnotation] ?? '');
}

/**
 * Whether a live object's tracking id speaks of the object itself. Controllers copy annotations to objects they
 * make, and such a copy must not make them ours to prune. Labels cannot tell; an object without an id passes.
 */
export function isSelfReferenced(live: Tracked, tracking: Tracking): boolean {
  if (tracking.method === 'label') return true;
  const id = trackingIdOf(live, tracking);
  return id === undefined || describes(id.key, live.key);
}

/** The namespace in an id of a cluster-scoped object is the destination's and says nothing. */
function describes(claimed: ResourceKey, actual: ResourceKey): boolean {
  return (
    claimed.group === actual.group &&
    claimed.kind === actual.kind &&
    claimed.name === actual.name &&
    (actual.namespace === '' || claimed.namespace === actual.namespace)
  );
}

/** What a stamp says: the owning application, and the namespace that stands in for a missing one. */
export type Stamp = {
  readonly instance: string;
  readonly destinationNamespace: string;
  readonly tracking: Tracking;
};

/** A rendered object with its owner written on it. CRDs stay untouched: they belong to all who use them. */
export function stampTracking(manifest: Manifest, stamp: Stamp): Manifest {
  const { instance, destinationNamespace, tracking } = stamp;
  if (isCustomResourceDefinition(manifest)) return manifest;
  const { labels, annotations, ...metadata } = manifest.metadata;
  const labelled =
    tracking.method === 'annotation'
      ? labels
      : { ...labels, [tracking.labelKey ?? instanceLabel]: labelValue(instance, tracking.method) };
  const key = keyOf(manifest);
  const id = formatTrackingId({
    instance,
    key: { ...key, namespace: key.namespace || destinationNamespace },
  });
  const annotated =
    tracking.method === 'label' ? annotations : withId(annotations, id, tracking.installationId);
  return {
    ...manifest,
    metadata: {
      ...metadata,
      ...(labelled === undefined ? {} : { labels: labelled }),
      ...(annotated === undefined ? {} : { annotations: annotated }),
    },
  };
}

/** Whether an object defines a kind. */
export function isCustomResourceDefinition(manifest: Manifest): boolean {
  return (
    groupOf(manifest.apiVersion) === 'apiextensions.k8s.io' && manifest.kind === 'CustomResourceDefinition'
  );
}

function withId(
  annotations: Readonly<Record<string, string>> = {},
  id: string,
  installationId: string | undefined,
): Readonly<Record<string, string>> {
  const { [installationIdAnnotation]: _, ...kept } = annotations;
  const stamped = { ...kept, [trackingIdAnnotation]: id };
  return installationId ? { ...stamped, [installationIdAnnotation]: installationId } : stamped;
}

/** A label that is the only mark must hold the whole name, or owners could be mixed up. */
function labelValue(instance: string, method: TrackingMethod): string {
  if (method === 'label' || instance.length <= 63) return instance;
  return instance.slice(0, 63).replace(/[^a-zA-Z0-9]+$/, '');
}
