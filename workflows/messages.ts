import type { SyncPhase } from '../core/sync/plan/plan.ts';
import type { StretchGroup } from '../core/sync/walk/stretch.ts';

/** What a sync or delete workflow works on; everything else is read from the operation's rows. */
export type OperationInput = {
  readonly applicationId: string;
  readonly operationId: string;
  readonly clusterId: string;
  /** Where a run of the workflow goes on that an earlier run, with a history grown long, handed over. */
  readonly resume?: Cursor;
};

/** Position in an attempt: groups before `group` have settled. */
export type Cursor = {
  readonly attempt: number;
  readonly group: number;
  /** What has failed, where the groups of a failure are walked: `group` is one of these then. */
  readonly failure?: string;
  /** Whether a hook runs there, which nothing newer may interrupt. */
  readonly inHook?: true;
  /** Whether the operation says that it waits for its cluster. */
  readonly waits?: true;
  /** The phase that a deletion is in, for what has to be ended when it ends there. */
  readonly phase?: SyncPhase;
};

/** A position within the groups that are walked. */
export type Place = Pick<Cursor, 'group' | 'inHook' | 'waits'>;

/** What is asked of a live operation: to go on, to give way to a newer revision at the next boundary, or to end now. */
export type StopWish = 'none' | 'supersede' | 'terminate';

/** Where a run of an operation's workflow starts. */
export type Admission =
  | { readonly state: 'ended' }
  | (AttemptStart & {
      readonly state: 'admitted';
      readonly attempt: number;
      /** The plan of this attempt, where it is made already: with the request, or by an earlier run. */
      readonly plan?: PlanSummary;
      /** What came of the first groups, where they were written on admission. */
      readonly written?: WaveResult;
      /** What is left of the pause before this attempt. */
      readonly pauseMilliseconds?: number;
      /** What is left of the sync timeout. */
      readonly timeoutMilliseconds?: number;
    });

/** What is known of an attempt before it starts. */
export type AttemptStart = {
  readonly wish: StopWish;
  /** Whether the desired state that it brings is stored already. */
  readonly rendered: boolean;
};

/** An operation in one of its attempts: with a step number the key of everything it does. */
export type AttemptRef = Omit<OperationInput, 'resume'> & { readonly attempt: number };

/** One phase and wave of an attempt. */
export type GroupRef = AttemptRef & { readonly phase: SyncPhase; readonly wave: number };

/** Consecutive groups of an attempt that are written without a wait between them. */
export type StretchRef = AttemptRef & {
  readonly places: readonly Pick<GroupRef, 'phase' | 'wave'>[];
  /** What the attempt ends with once they are written; absent where anything follows. */
  readonly success?: AttemptOutcome;
};

/** What the walk needs of a stored plan. */
export type PlanSummary = {
  readonly digest: string;
  readonly groups: readonly StretchGroup[];
  readonly failureGroups: readonly StretchGroup[];
  /** Why nothing of the plan is carried out; such a plan has no groups. */
  readonly refused?: string;
  /** Whether any step creates a hook, which has to be ended after the attempt. */
  readonly hasHooks: boolean;
};

/** Outcome of writing one group: the message names what failed. */
export type WaveResult = {
  readonly failed: boolean;
  readonly message: string;
  /** Whether steps are left that nothing has failed before: the time of a local activity was up. */
  readonly unfinished?: true;
  /** Whether steps are left because the operation's end was asked for. */
  readonly terminating?: true;
  /** Whether the attempt's success is recorded with it. */
  readonly ended?: true;
};

/** Outcome of looking at one group's objects. */
export type SettleResult = {
  readonly state: 'settled' | 'waiting' | 'failed';
  readonly message: string;
  /** Whether hooks are among what is waited for; nothing newer takes over while they run. */
  readonly hooks: boolean;
};

/** How an attempt ended, before retries are considered; `Fenced` is one whose right to write another run has taken. */
export type AttemptOutcome = {
  readonly phase: 'Succeeded' | 'Failed' | 'Error' | 'Terminated' | 'Superseded' | 'Fenced';
  readonly message: string;
  /** Whether the same attempt made again may end differently. */
  readonly retryable: boolean;
  /** Whether it is recorded already, and the operation with it. */
  readonly ended?: true;
};

/** What follows an attempt. */
export type NextStep =
  | { readonly next: 'end' }
  | { readonly next: 'retry'; readonly attempt: number; readonly delaySeconds: number };

/** The group whose objects may have settled. */
export type SettledHint = { readonly attempt: number; readonly phase: SyncPhase; readonly wave: number };
