import { stepAnnotation, trackingIdAnnotation } from '../../object/annotations.ts';
import { keelsonManager, referenceManager, updateManager } from '../../object/managers.ts';
import type { ObjectMetadata } from '../../object/manifest/manifest.ts';
import { ownField } from '../../own-field.ts';
import {
  believedOwner,
  claimAnywhere,
  labelMark,
  type Owner,
  type Tracked,
  trackingLabel,
} from '../tracking/tracking.ts';
import { ownsLabel } from '../tracking/tracking-align.ts';

/** What a live object says of itself and of whose it is. */
export type Held = Tracked & {
  readonly metadata: Pick<ObjectMetadata, 'annotations' | 'labels' | 'managedFields' | 'ownerReferences'>;
};

/** Whose a live object is to somebody who wants its place: the application's own, nobody's, or somebody's in words. */
export type Holding =
  | { readonly by: 'application' | 'nobody' }
  | { readonly by: 'other'; readonly reason: string };

/**
 * Tells whose an object is that stands under a name which an application wants for itself. The name alone makes nobody an
 * owner: marks do, of whichever installation; then an owner reference; then the stamp of a hook. `applied` says whether
 * this installation has ever written the very object.
 */
export function holdingOf(live: Held, owner: Owner, applied: boolean): Holding {
  const elsewhere = claimElsewhere(live, owner);
  // It came before this installation was given its id.
  if (elsewhere?.installationId === '' && elsewhere.instance === owner.instance && applied) {
    return { by: 'application' };
  }
  if (elsewhere !== undefined) return { by: 'other', reason: elsewhereWords(elsewhere) };
  const named = believedOwner(live, owner.tracking) ?? labelledBySync(live, owner, applied);
  if (named === owner.instance) return { by: 'application' };
  if (named !== undefined) return { by: 'other', reason: `it belongs to application ${named}` };
  const [holder] = live.metadata.ownerReferences ?? [];
  if (holder !== undefined) return { by: 'other', reason: `it is owned by ${holder.kind} ${holder.name}` };
  const { annotations = {} } = live.metadata;
  const stamped =
    annotations[stepAnnotation] !== undefined && annotations[trackingIdAnnotation] === undefined;
  if (!stamped) return { by: 'nobody' };
  return applied ? { by: 'application' } : { by: 'other', reason: 'another installation of Keelson made it' };
}

/** What is said of an object that was deleted for a new one of its name; nothing of one that was surely the application's. */
export function replacedNote({ by }: Holding, applied: boolean): string | undefined {
  if (by === 'nobody') return 'the object that was deleted for it belonged to no application';
  return by === 'application' && !applied
    ? "the object that was deleted for it carried this application's name, and this installation is not known to have applied it"
    : undefined;
}

/** Why an object is another installation's by its own words; undefined where it is not. */
export function whyElsewhere(live: Tracked, owner: Owner): string | undefined {
  const elsewhere = claimElsewhere(live, owner);
  return elsewhere === undefined ? undefined : elsewhereWords(elsewhere);
}

type Claim = NonNullable<ReturnType<typeof claimAnywhere>>;

function claimElsewhere(live: Tracked, { tracking }: Owner): Claim | undefined {
  const claim = claimAnywhere(live);
  if (claim === undefined || claim.installationId === (tracking.installationId ?? '')) return undefined;
  // Beside a label that counts, an annotation without an id may be a rest of another method.
  return claim.installationId === '' && tracking.method === 'label' ? undefined : claim;
}

function elsewhereWords({ instance, installationId }: Claim): string {
  const where =
    installationId === ''
      ? 'an installation without installationID'
      : `the installation with the installationID ${installationId}`;
  return `it belongs to application ${instance} of ${where}`;
}

const syncManagers: readonly string[] = [keelsonManager, updateManager, referenceManager];

/**
 * The application that a label names which a tool like this one wrote, under the method `label`. Charts write the same
 * label for purposes of their own, and on what this installation wrote it is no more than that.
 */
function labelledBySync(live: Held, { instance, tracking }: Owner, applied: boolean): string | undefined {
  const key = trackingLabel(tracking);
  const { annotations = {}, labels = {} } = live.metadata;
  const label = ownField(labels, key);
  if (!label || tracking.method === 'label' || annotations[trackingIdAnnotation] !== undefined)
    return undefined;
  if (!syncManagers.some((manager) => ownsLabel(live, key, { manager }))) return undefined;
  if (label === instance || label === labelMark(instance, 'annotation+label')) return instance;
  return applied ? undefined : label;
}
