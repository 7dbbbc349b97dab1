import type { ActionOutcome, WriteResult } from '../core/action/outcome.ts';
import type { SyncPhase } from '../core/sync/plan/plan.ts';
import type { WalkedGroup } from '../core/sync/walk/small.ts';

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
};

/** A position within the groups that are walked. */
export type Position = Pick<Cursor, 'group' | 'inHook' | 'waits'>;

/** What is asked of a live operation: to go on, to give way to a newer revision at the next boundary, or to end now. */
export type StopRequest = 'none' | 'supersede' | 'terminate';

/** When an operation's time is up. */
export type TimeLimit = {
  /** RFC 3339; another text means another limit. */
  readonly until: string;
  /** What is left of the time, by the clock of whoever read the row. */
  readonly milliseconds: number;
};

/** What an operation's row says about its end. */
export type StopState = { readonly requested: StopRequest; readonly limit?: TimeLimit };

/** Where a run of an operation's workflow starts: nowhere, for one that has ended, or at its attempt. */
export type Admission =
  | { readonly state: 'ended' }
  | (AttemptStart & {
      readonly state: 'admitted';
      readonly attempt: number;
      /** The plan of this attempt, where it is made already: with the request, or by an earlier run. */
      readonly plan?: PlanSummary;
      /** What is left of the pause before this attempt. */
      readonly pauseMilliseconds?: number;
    });

/** What is known of an attempt before it starts. */
export type AttemptStart = StopState & {
  /** Whether the desired state that it brings is stored already. */
  readonly rendered: boolean;
};

/** An operation in one of its attempts: with a step number the key of everything it does. */
export type AttemptRef = Omit<OperationInput, 'resume'> & { readonly attempt: number };

/** One phase and wave of an attempt. */
export type GroupRef = AttemptRef & { readonly phase: SyncPhase; readonly wave: number };

/** What the walk needs of a stored plan. */
export type PlanSummary = {
  readonly digest: string;
  readonly groups: readonly WalkedGroup[];
  readonly failureGroups: readonly WalkedGroup[];
  /** Why nothing of the plan is carried out; such a plan has no groups. */
  readonly refused?: string;
  /** Whether any step creates a hook, which has to be ended after the attempt. */
  readonly hasHooks: boolean;
};

/** A group that failed; the message names what did. */
export type GroupFailure = { readonly kind: 'failed'; readonly message: string };

/** What the run of an activity that writes a group came to. */
export type GroupResult =
  /** Every step has a result, and none of them failed. */
  | { readonly kind: 'written' }
  | GroupFailure
  /** A gate before the group is closed, so nothing of it was written. */
  | { readonly kind: 'held' }
  /** Steps are left since the operation's end was asked for. */
  | { readonly kind: 'terminating' };

/** The same beside the workflow, where `unfinished` leaves what takes its time to an activity. */
export type SmallGroupResult = GroupResult | { readonly kind: 'unfinished' };

/** Whether the gates before a group are open, or when to look again. */
export type Gates =
  | { readonly state: 'open' }
  | { readonly state: 'waiting'; readonly recheckMilliseconds: number };

/** What the objects of a written group have come to. */
export type SettleResult =
  | { readonly kind: 'settled' }
  | GroupFailure
  /** With `hooks`, hooks are among what is waited for: nothing newer takes over while they run. */
  | { readonly kind: 'waiting'; readonly hooks: boolean };

/** Why an attempt can't get on with its cluster: no session holds it, or it doesn't answer. */
export type ClusterAbsence = 'session' | 'cluster';

/** What follows an attempt. */
export type NextStep =
  | { readonly next: 'end' }
  | { readonly next: 'retry'; readonly attempt: number; readonly delaySeconds: number };

/** The group whose objects may have settled. */
export type SettledHint = { readonly attempt: number; readonly phase: SyncPhase; readonly wave: number };

/** An action of several writes by the id of its row in the audit, as decimal digits. */
export type ActionRef = { readonly actionId: string };

/** What an action's workflow works on; `results` are of the run before, which has handed over. */
export type ActionInput = ActionRef & { readonly results?: readonly WriteResult[] };

/** What is to be done of an action: so many writes, or nothing where it has ended. */
export type BegunAction = { readonly writes: number; readonly outcome?: ActionOutcome };

/** One write of an action; `written` is the version that the one before it left. */
export type ActionWriteRef = ActionRef & { readonly position: number; readonly written?: string };
