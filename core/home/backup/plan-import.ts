import { type Homes, isHome } from '../../application/home.ts';
import { instanceLabel, trackingIdAnnotation } from '../../object/annotations.ts';
import { sameJson } from '../../object/json/canonical.ts';
import { formatKey, type ResourceKey } from '../../object/key.ts';
import { keyOf, type Manifest, type ObjectMetadata } from '../../object/manifest/manifest.ts';
import { encodeSecret } from '../../object/manifest/secret.ts';
import { ownField } from '../../own-field.ts';
import { backupKind, backupKinds } from './backed-up.ts';

/** What becomes of one object of a backup, or of one that the backup doesn't have. */
export type ImportStep =
  | {
      readonly action: 'create' | 'update';
      readonly key: ResourceKey;
      readonly object: Manifest;
      /** What the backup has: planned anew where the live object has changed meanwhile. */
      readonly backup: Manifest;
    }
  | {
      readonly action: 'prune' | 'unwanted' | 'unchanged';
      readonly key: ResourceKey;
      readonly live: Manifest;
    }
  | { readonly action: 'skip'; readonly key: ResourceKey; readonly reason: string };

export type ImportChoice = {
  readonly homes: Homes;
  /** Deletes what the backup doesn't have; else that is only said. */
  readonly prune: boolean;
  /** Takes back what was asked for on live applications and is not taken up. */
  readonly stopOperation: boolean;
  /** Leaves the live objects' own marks of an application that manages them. */
  readonly ignoreTracking: boolean;
};

/**
 * What bringing a backup back does, in order. Of applications `status` and `operation` are dropped: what was observed
 * elsewhere or before says nothing here, and an old request would be a new sync. Live objects keep both, and everything
 * that a backup doesn't hold.
 */
export function planImport(
  backup: readonly Manifest[],
  live: readonly Manifest[],
  choice: ImportChoice,
): readonly ImportStep[] {
  const rest = new Map(live.map((object) => [formatKey(keyOf(object)), object]));
  const known = new Map(rest);
  const steps: ImportStep[] = [];
  for (const object of inOrder(backup)) {
    const placed = placedIn(object, choice.homes);
    const key = keyOf(placed);
    const id = formatKey(key);
    const there = known.get(id);
    rest.delete(id);
    steps.push(reasonToSkip(placed, key, choice) ?? stepFor(object, placed, there, key, choice));
  }
  for (const object of inOrder([...rest.values()]).toReversed()) {
    // Settings are as much of an installation as its roles: a backup of less than all of them takes none away.
    if (backupKind(object) === 'ConfigMap') continue;
    steps.push({ action: choice.prune ? 'prune' : 'unwanted', key: keyOf(object), live: object });
  }
  return steps;
}

function inOrder(objects: readonly Manifest[]): Manifest[] {
  const rank = (object: Manifest): number => {
    const kind = backupKind(object);
    return kind === undefined ? backupKinds.length : backupKinds.indexOf(kind);
  };
  return objects.toSorted((one, other) => rank(one) - rank(other));
}

/** A backup's object where it belongs, without what is never brought back. */
function placedIn(object: Manifest, { controlPlane }: Homes): Manifest {
  const { status, operation: _, ...kept } = object.kind === 'Secret' ? encodeSecret(object) : object;
  const { name, namespace = controlPlane, labels, annotations, finalizers } = object.metadata;
  const metadata: ObjectMetadata = {
    namespace,
    ...(name === undefined ? {} : { name }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(finalizers === undefined ? {} : { finalizers }),
  };
  // The tokens of a project's roles stand in its status, and are as much its owner's as its spec.
  const tokens = backupKind(object) === 'AppProject' && status !== undefined ? { status } : {};
  return { ...kept, metadata, ...tokens } as Manifest;
}

function reasonToSkip(object: Manifest, key: ResourceKey, { homes }: ImportChoice): ImportStep | undefined {
  const kind = backupKind(object);
  if (kind === undefined) return { action: 'skip', key, reason: 'no backup holds objects of this kind' };
  const isApplication = kind === 'Application' || kind === 'ApplicationSet';
  const fits = isApplication ? isHome(key.namespace, homes) : key.namespace === homes.controlPlane;
  if (fits) return undefined;
  const reason = isApplication
    ? 'applications may not live in this namespace'
    : 'it belongs into the namespace of the control plane';
  return { action: 'skip', key, reason };
}

function stepFor(
  backup: Manifest,
  object: Manifest,
  live: Manifest | undefined,
  key: ResourceKey,
  { stopOperation, ignoreTracking }: ImportChoice,
): ImportStep {
  if (live === undefined) return { action: 'create', key, object, backup };
  const wanted = updated(ignoreTracking ? withTrackingOf(object, live) : object, live, stopOperation);
  return sameJson(wanted, live)
    ? { action: 'unchanged', key, live }
    : { action: 'update', key, object: wanted, backup };
}

/** The live object with what the backup says, which says nothing of a live application's status and operation. */
function updated(object: Manifest, live: Manifest, stopOperation: boolean): Manifest {
  const { labels: _l, annotations: _a, finalizers: _f, ...given } = live.metadata;
  const { status, operation } = live;
  const { labels, annotations, finalizers } = object.metadata;
  return {
    ...object,
    ...(object['status'] !== undefined || status === undefined ? {} : { status }),
    ...(operation === undefined || stopOperation ? {} : { operation }),
    metadata: {
      ...given,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
    },
  };
}

/** The object with the marks of tracking that the live one has, or has not. */
function withTrackingOf(object: Manifest, live: Manifest): Manifest {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...taken('labels', instanceLabel, object, live),
      ...taken('annotations', trackingIdAnnotation, object, live),
    },
  };
}

function taken(field: 'annotations' | 'labels', name: string, object: Manifest, live: Manifest) {
  const { [name]: _, ...others } = object.metadata[field] ?? {};
  const own = ownField(live.metadata[field], name);
  const all = { ...others, ...(own === undefined ? {} : { [name]: own }) };
  const none = Object.keys(all).length === 0 && object.metadata[field] === undefined;
  return none ? {} : { [field]: all };
}
