import type { ResourceKey } from '../../object/key.ts';
import type { ApplyStrategy, PlanGroup, StepAction, SyncPhase } from '../plan/plan.ts';
import type { DeletionRequest, OrphanReport } from '../walk/deletion.ts';
import type { ShownInitiator } from './initiator.ts';

/** What an operation does to its application. */
export type OperationKind = 'sync' | 'delete';

/**
 * Life of an operation. `Requested` is a committed row whose workflow may not have started yet;
 * the rest are the reference's words, `Superseded` is ours: a newer revision took over at a step boundary.
 */
export const operationPhases = [
  'Requested',
  'Running',
  'Terminating',
  'Succeeded',
  'Failed',
  'Error',
  'Superseded',
] as const;
export type OperationPhase = (typeof operationPhases)[number];

const finished: ReadonlySet<OperationPhase> = new Set(['Succeeded', 'Failed', 'Error', 'Superseded']);

export function isFinished(phase: OperationPhase): boolean {
  return finished.has(phase);
}

export type Backoff = {
  readonly durationSeconds: number;
  readonly factor: number;
  readonly maxDurationSeconds: number;
};

export type RetrySpec = {
  /** Retries after the first attempt; below 0 unlimited. */
  readonly limit: number;
  readonly backoff: Backoff;
  /** Resolve the newest revision again before each retry. */
  readonly refresh: boolean;
};

/** What was asked for, fixed when the operation row is written. */
export type SyncRequest = {
  /** Revision asked for; the spec's targetRevision when absent. */
  readonly revision?: string;
  /** The same for a spec with several sources, by position; an empty text leaves a source its targetRevision. */
  readonly revisions?: readonly string[];
  /** History id of the deployment that is brought back; the operation's spec then has that one's sources. */
  readonly rollbackTo?: number;
  /** Digests of uploaded manifests, which take the place of everything that the source renders. */
  readonly manifests?: readonly string[];
  readonly prune: boolean;
  readonly dryRun: boolean;
  readonly strategy: 'hook' | 'apply';
  readonly force: boolean;
  /** Empty means every object. */
  readonly resources: readonly SelectedResource[];
  readonly syncOptions: readonly string[];
  readonly retry: RetrySpec;
  /** Self-heal attempts made for this revision before this operation. */
  readonly selfHealAttempts: number;
  readonly info: readonly { readonly name: string; readonly value: string }[];
  /** What a deletion was asked for; absent for syncs. */
  readonly deletion?: DeletionRequest;
};

export type SelectedResource = {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
};

/** Result words of the reference for one object. */
export type ResultStatus = 'Synced' | 'SyncFailed' | 'Pruned' | 'PruneSkipped';
export type HookPhase = 'Running' | 'Succeeded' | 'Failed' | 'Error' | 'Terminating';

/** One operation as the API shows it: plan, steps, waits with reasons, and timings (RFC 3339). */
export type OperationView = {
  readonly id: string;
  readonly application: string;
  readonly kind: OperationKind;
  readonly phase: OperationPhase;
  readonly message: string;
  readonly initiatedBy: ShownInitiator;
  readonly request: SyncRequest;
  readonly revision?: string;
  /** Instead of `revision` where the spec has several sources, by position. */
  readonly revisions?: readonly string[];
  /** From 1; grows with each retry. */
  readonly attempt: number;
  /** Position in the application's sync history; only successful full syncs have one. */
  readonly historyId?: number;
  readonly requestedAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** When the sync timeout ends it, where one is set. */
  readonly deadline?: string;
  /** The operation that took over from a superseded one. */
  readonly supersededBy?: string;
  readonly planDigest?: string;
  readonly groups: readonly PlanGroup[];
  readonly failureGroups: readonly PlanGroup[];
  readonly steps: readonly StepView[];
  readonly waits: readonly WaitView[];
  /** What a deletion left behind, where it left something. */
  readonly orphans?: OrphanReport;
  /** Milliseconds spent per part of the sync, e.g. `{ render: 40, plan: 12, apply: 80 }`. */
  readonly timings: Readonly<Record<string, number>>;
};

/** One step of the current attempt with its result so far. */
export type StepView = {
  readonly attempt: number;
  readonly step: number;
  readonly phase: SyncPhase;
  readonly wave: number;
  readonly action: StepAction;
  readonly key: ResourceKey;
  readonly apiVersion: string;
  readonly strategy?: ApplyStrategy;
  readonly hook: boolean;
  readonly status?: ResultStatus;
  readonly hookPhase?: HookPhase;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
};

export type WaitKind =
  | 'settle'
  | 'hook'
  | 'deletion'
  | 'retry'
  | 'session'
  | 'cluster'
  | 'approval'
  | 'window'
  | 'render'
  | 'worker';

/** Why an operation is not moving, and until when at most. */
export type WaitView = {
  readonly kind: WaitKind;
  /** The attempt that waits or waited. */
  readonly attempt: number;
  readonly phase?: SyncPhase;
  readonly wave?: number;
  readonly reason: string;
  readonly keys: readonly ResourceKey[];
  readonly openedAt: string;
  readonly deadline?: string;
  readonly closedAt?: string;
};

/** The request of every deletion: it asks for nothing that a sync can be asked for. */
export const deletionRequest: SyncRequest = {
  prune: true,
  dryRun: false,
  strategy: 'apply',
  force: false,
  resources: [],
  syncOptions: [],
  retry: {
    limit: 0,
    backoff: { durationSeconds: 5, factor: 2, maxDurationSeconds: 180 },
    refresh: false,
  },
  selfHealAttempts: 0,
  info: [],
};
