import type { NamespaceMetadata } from '../../application/spec/sync-policy.ts';
import type { ResourceKey } from '../../object/key.ts';

/** Version of the stored plan's shape; a worker refuses plans of a version it doesn't know. */
export const planSchemaVersion = 1;

/** Phases of a sync in the order in which they run; SyncFail runs only after a failure. */
export const syncPhases = ['PreSync', 'Sync', 'PostSync', 'SyncFail'] as const;

/** Phases of a deletion in the order in which they run. */
export const deletePhases = ['PreDelete', 'Delete', 'PostDelete'] as const;

/** All phases that a plan can have; no plan has phases of a sync and of a deletion. */
export const planPhases = [...syncPhases, ...deletePhases] as const;
export type SyncPhase = (typeof planPhases)[number];

export type HookDeletePolicy = 'BeforeHookCreation' | 'HookSucceeded' | 'HookFailed';

/**
 * What a step does. `skip-prune` records that an object should go but stays, with the reason in `note`;
 * `create-namespace` makes the destination namespace of CreateNamespace=true, which is never tracked.
 */
export const stepActions = ['apply', 'create-hook', 'create-namespace', 'prune', 'skip-prune'] as const;
export type StepAction = (typeof stepActions)[number];

/**
 * How an object is written. Chosen per object when the plan is made and shown in the result: server-side apply, a
 * three-way merge with kubectl's annotation (`client-side`), or the whole object put in the place of the live one.
 */
export const applyStrategies = ['server-side', 'client-side', 'replace', 'create'] as const;
export type ApplyStrategy = (typeof applyStrategies)[number];

/** One object's part of a plan. Names are final here, generated ones too, so a repeat finds the same object. */
export type PlanStep = {
  /** Position in the plan, from 0; with operation and attempt the key of the step's result. */
  readonly step: number;
  readonly phase: SyncPhase;
  readonly wave: number;
  /** Kind batch inside the wave, from 0: steps of a batch run together, the next batch after it. */
  readonly batch: number;
  readonly action: StepAction;
  readonly apiVersion: string;
  readonly key: ResourceKey;
  /** Digest of the manifest to write; absent for prunes. */
  readonly digest?: string;
  readonly strategy?: ApplyStrategy;
  readonly validate?: boolean;
  /** Deletes the object and creates it anew where it can't be changed in place. */
  readonly force?: true;
  /** False leaves the fields that other tools applied with their managers. */
  readonly migrate?: false;
  /** Field manager named by the application whose fields are taken over too. */
  readonly formerManager?: string;
  /** Whether the API server has not judged this write in a dry run yet. */
  readonly unchecked?: true;
  /** Whether fields of the manifest are ignored and have the values that are live; they are read anew for the write. */
  readonly respects?: true;
  /** Whether the live object has fields to take over; done first, the object changes only once. */
  readonly takeOverFirst?: true;
  /** Whether a child application is waited for though it isn't synced by itself. */
  readonly awaited?: true;
  readonly deletePolicies?: readonly HookDeletePolicy[];
  readonly propagationPolicy?: 'foreground' | 'background' | 'orphan';
  /** Whether the object differed from its desired state when the plan was made. */
  readonly changed: boolean;
  /** Uid of the live object when the plan was made: a prune touches this one and no successor. */
  readonly uid?: string;
  /** Labels and annotations of the destination namespace; the ones it was given before and that are not here go. */
  readonly namespaceMetadata?: NamespaceMetadata;
  /** Whether somebody has to confirm this deletion first; a dry run deletes nothing and asks nobody. */
  readonly needsApproval?: true;
  /** Whether that is asked since this installation has never applied the object. */
  readonly stranger?: true;
  /** Whether the object to prune is a hook that is held for its result; that finalizer goes with it. */
  readonly release?: true;
  /** Why an object stays that should go, or why a step of a refused plan can't be carried out. */
  readonly note?: string;
};

/** The steps of one phase and wave, contiguous in the plan. */
export type PlanGroup = {
  readonly phase: SyncPhase;
  readonly wave: number;
  readonly first: number;
  readonly count: number;
  /** Whether the operation waits here until every object is healthy, complete or gone. */
  readonly settle: boolean;
  /**
   * Steps that somebody has to confirm, by number; absent when there are none. Nothing of the group is deleted or
   * written before the application's annotation approves it.
   */
  readonly approval?: readonly number[];
};

/** A sync decided in full: walked in order, step by step, and never computed again while it runs. */
export type SyncPlan = {
  readonly schemaVersion: typeof planSchemaVersion;
  readonly steps: readonly PlanStep[];
  /** PreSync, Sync and PostSync groups in order. */
  readonly groups: readonly PlanGroup[];
  /** SyncFail groups in order; run only when an earlier group failed. */
  readonly failureGroups: readonly PlanGroup[];
  /** Why nothing of this plan is carried out: it has no groups, and its steps are the objects at fault. */
  readonly refused?: string;
};

/** The steps of one phase and wave, in the order of the plan. */
export function stepsOfGroup(
  plan: Pick<SyncPlan, 'steps'>,
  group: Pick<PlanGroup, 'phase' | 'wave'>,
): PlanStep[] {
  return plan.steps.filter((step) => step.phase === group.phase && step.wave === group.wave);
}

/** The group of one phase and wave, of those that run after a failure too. */
export function groupAt(
  plan: Pick<SyncPlan, 'failureGroups' | 'groups'>,
  place: Pick<PlanGroup, 'phase' | 'wave'>,
): PlanGroup | undefined {
  const groups = [...plan.groups, ...plan.failureGroups];
  return groups.find((group) => group.phase === place.phase && group.wave === place.wave);
}
