import { installationIdAnnotation, instanceLabel, trackingIdAnnotation } from '../../object/annotations.ts';
import type { ResourceKey } from '../../object/key.ts';
import { keyOf, type Manifest, type ObjectMetadata } from '../../object/manifest/manifest.ts';
import { ownField } from '../../own-field.ts';

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

/** An application as the marks of its objects name it. */
export type Owner = { readonly instance: string; readonly tracking: Tracking };

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

/** A live object as those look at it who judge whose it is. */
export function trackedOf(live: Manifest): Tracked & Pick<Manifest, 'metadata'> {
  return { key: keyOf(live), metadata: live.metadata };
}

/** The label that names the application. */
export function trackingLabel(tracking: Tracking): string {
  return tracking.labelKey || instanceLabel;
}

/**
 * The value of the tracking label for an application. A label that is the only mark must hold the whole name, or
 * owners could be mixed up; beside an annotation it is cut to what a label may hold.
 */
export function labelMark(instance: string, method: TrackingMethod): string {
  if (method === 'label' || instance.length <= 63) return instance;
  return instance.slice(0, 63).replace(/[^a-zA-Z0-9]{1,63}$/, '');
}

/**
 * The application that a live object says it belongs to; undefined when it names none. Under the label method an
 * annotation that speaks of the object itself still counts where it doesn't contradict the label: so an object
 * that was marked under another method stays known until its next sync. A label never stands in for an annotation,
 * since charts write the same label for their own purposes.
 */
export function ownerOf(live: Tracked, tracking: Tracking): string | undefined {
  if (tracking.method !== 'label') return trackingIdOf(live, tracking)?.instance || undefined;
  const label = ownField(live.metadata.labels, trackingLabel(tracking));
  const claim = claimOf(live, tracking);
  if (!label) return claim;
  return claim !== undefined && label === labelMark(claim, 'annotation+label') ? claim : label;
}

/** The owner that an object's annotation names, where the annotation speaks of the object itself. */
export function claimOf(live: Tracked, tracking: Tracking): string | undefined {
  const claim = claimAnywhere(live);
  return claim?.installationId === (tracking.installationId ?? '') ? claim.instance || undefined : undefined;
}

/** The same in whatever installation, whose id is empty where it has none. */
export function claimAnywhere({
  key,
  metadata: { annotations = {} },
}: Tracked): { readonly instance: string; readonly installationId: string } | undefined {
  const id = readTrackingId(annotations[trackingIdAnnotation] ?? '');
  if (id === undefined || !describes(id.key, key)) return undefined;
  return { instance: id.instance, installationId: annotations[installationIdAnnotation] ?? '' };
}

/** The owner of a live object, as far as it can be believed: a copied tracking id makes nobody an owner. */
export function believedOwner(live: Tracked, tracking: Tracking): string | undefined {
  return isSelfReferenced(live, tracking) ? ownerOf(live, tracking) : undefined;
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
