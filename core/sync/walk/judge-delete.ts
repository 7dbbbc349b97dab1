import { assertNever } from '../../errors.ts';
import { helmResourcePolicyAnnotation, stepAnnotation } from '../../object/annotations.ts';
import { kindId } from '../../object/manifest/definition.ts';
import type { ObjectMetadata } from '../../object/manifest/manifest.ts';
import { type Holding, holdingOf, whyElsewhere } from '../installation/holder.ts';
import { hookDeletePolicies } from '../options/hook.ts';
import { isRecreatableKind } from '../options/option-places.ts';
import {
  deleteChoice,
  keptByChoice,
  type PruneChoice,
  pruneChoice,
  type SyncOptions,
} from '../options/options.ts';
import type { HookDeletePolicy } from '../plan/plan.ts';
import { isSelfReferenced, type Owner, ownerOf, type Tracked } from '../tracking/tracking.ts';

/** What a live object says of itself that its deletion depends on. */
export type Deletable = Tracked & {
  readonly metadata: Pick<
    ObjectMetadata,
    'annotations' | 'deletionTimestamp' | 'labels' | 'managedFields' | 'ownerReferences' | 'uid'
  >;
};

/** What is done with a live object that was to be deleted; `leave` lets a deletion that is under way go on. */
export type DeleteVerdict =
  | { readonly act: 'delete' | 'leave' }
  | { readonly act: 'keep'; readonly reason: string };

/** What a deletion was decided on; whatever of it is no longer so at the moment of the deletion stops it. */
export type DeleteWarrant = {
  readonly owner: Owner;
  /** The object that was meant, and no other of its name. */
  readonly uid?: string | undefined;
  /** Whether the object left the source, or its application goes. */
  readonly cause: 'prune' | 'removal';
  readonly options: SyncOptions;
  /** Whether somebody has confirmed it. */
  readonly approved: boolean;
  /** Whether the object came before the tracking method changed, and is ours by a label of our own hand. */
  readonly formerlyTracked?: boolean;
  /** Whether the newest state of the source has the object again. */
  readonly wanted?: boolean;
};

/** Judges the deletion of an application's object by what the object says now. */
export function judgeDelete(live: Deletable, warrant: DeleteWarrant): DeleteVerdict {
  const { uid, deletionTimestamp } = live.metadata;
  if (warrant.uid !== undefined && uid !== warrant.uid) {
    return keep('another object has taken this name since the plan was made');
  }
  const foreign = whyNotOurs(live, warrant.owner, warrant.formerlyTracked);
  if (foreign !== undefined) return keep(`ignored (${foreign})`);
  if (deletionTimestamp !== undefined) return { act: 'leave' };
  if (warrant.wanted === true) return keep('ignored (the source has it again)');
  const refusal = refusals[warrant.cause](live, warrant);
  return refusal === undefined ? { act: 'delete' } : keep(refusal);
}

function keep(reason: string): DeleteVerdict {
  return { act: 'keep', reason };
}

const refusals: Readonly<
  Record<DeleteWarrant['cause'], (live: Deletable, warrant: DeleteWarrant) => string | undefined>
> = {
  prune: (live, { options, approved }) => refusalOf('prune', pruneChoice(live, options), approved),
  removal: (live, { options, approved }) =>
    keptNote(live, options) ?? refusalOf('removal', deleteChoice(live, options), approved),
};

/** A word of the object's own or of its application against its deletion. */
function refusalOf(
  cause: DeleteWarrant['cause'],
  choice: PruneChoice,
  approved: boolean,
): string | undefined {
  if (choice === 'no') return keptByChoice;
  if (choice !== 'confirm' || approved) return undefined;
  return cause === 'prune'
    ? 'ignored (Prune=confirm was set after the sync was planned; sync again to be asked)'
    : 'kept (Delete=confirm was set after the deletion was planned; delete again to be asked)';
}

/** Why an object outlives its application; undefined when it goes. */
export function keptNote(object: Deletable, options: SyncOptions): string | undefined {
  if (deleteChoice(object, options) === 'no') return 'kept (Delete=false)';
  const kept = object.metadata.annotations?.[helmResourcePolicyAnnotation] === 'keep';
  return kept ? `kept (${helmResourcePolicyAnnotation}: keep)` : undefined;
}

/** Why an object is not an application's to delete: only one that says so itself, and that nothing else owns, is. */
export function whyNotOurs(live: Deletable, own: Owner, formerlyTracked = false): string | undefined {
  const { instance, tracking } = own;
  const [holder] = live.metadata.ownerReferences ?? [];
  if (holder !== undefined) return `it is owned by ${holder.kind} ${holder.name}`;
  if (!isSelfReferenced(live, tracking)) return 'its tracking id names another object';
  const owner = ownerOf(live, tracking);
  if (owner === instance || (owner === undefined && formerlyTracked)) return undefined;
  return owner === undefined
    ? (whyElsewhere(live, own) ?? 'it does not say any more which application it belongs to')
    : `it belongs to application ${owner}`;
}

/** What creating a hook does with an object that has its name already. */
export type HookObjectFate = 'adopt' | 'apply-over' | 'await' | 'refuse' | 'replace';

/** Kinds whose objects hold what no hook brings back. */
const holdsMore: ReadonlySet<string> = new Set(['/PersistentVolume', '/PersistentVolumeClaim']);

/**
 * Decides about the object under a hook's name: one that this step made is adopted, one that is going is waited for.
 * Where the hook's policy says that it is made anew, one of the application's own is deleted, and one of nobody's, as
 * the reference does, unless others would go along; one of somebody else's never is. Without that policy the hook is
 * applied over any.
 */
export function hookObjectFate(
  live: Deletable,
  hook: { readonly stamp: string; readonly policies: readonly HookDeletePolicy[]; readonly holding: Holding },
): HookObjectFate {
  if (live.metadata.annotations?.[stepAnnotation] === hook.stamp) return 'adopt';
  if (live.metadata.deletionTimestamp !== undefined) return 'await';
  if (!hook.policies.includes('BeforeHookCreation')) return 'apply-over';
  switch (hook.holding.by) {
    case 'application':
      return 'replace';
    case 'nobody':
      return isRecreatableKind(live.key) && !holdsMore.has(kindId(live.key)) ? 'replace' : 'apply-over';
    case 'other':
      return 'refuse';
    default:
      return assertNever(hook.holding);
  }
}

/** Judges the deletion of a hook object at the end of its operation. */
export function judgeHookEnd(
  live: Deletable,
  hook: {
    readonly stamp: string;
    readonly owner: Owner;
    /** What the plan says must also be the object's own word; absent for a hook that was cut short. */
    readonly policy?: HookDeletePolicy | undefined;
  },
): DeleteVerdict {
  if (live.metadata.annotations?.[stepAnnotation] !== hook.stamp) return keep('it was made by another step');
  // The stamp is of this operation, so it has made the object.
  const holding = holdingOf(live, hook.owner, true);
  if (holding.by === 'other') return keep(holding.reason);
  if (live.metadata.deletionTimestamp !== undefined) return { act: 'leave' };
  if (hook.policy !== undefined && !hookDeletePolicies(live).includes(hook.policy)) {
    return keep(`its delete policy does not say ${hook.policy} any more`);
  }
  return { act: 'delete' };
}
