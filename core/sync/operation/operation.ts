import type { DeletionRequest } from '../walk/deletion.ts';

/** What an operation does to its application. */
export const operationKinds = ['sync', 'delete'] as const;
export type OperationKind = (typeof operationKinds)[number];

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
  /** Why somebody with the right to it lets the sync through sync windows; no window stops it then. */
  readonly breakGlass?: BreakGlass;
  /** What a deletion was asked for; absent for syncs. */
  readonly deletion?: DeletionRequest;
};

export type BreakGlass = { readonly reason: string };

export type SelectedResource = {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
};

/** Result words of the reference for one object. */
export const resultStatuses = ['Synced', 'SyncFailed', 'Pruned', 'PruneSkipped'] as const;
export type ResultStatus = (typeof resultStatuses)[number];

/** Words of the reference for the work of a hook. */
export const hookPhases = ['Running', 'Succeeded', 'Failed', 'Error', 'Terminating'] as const;
export type HookPhase = (typeof hookPhases)[number];

/** Whether a hook ended badly. */
export function isHookFailure(phase: string | undefined): boolean {
  return phase === 'Failed' || phase === 'Error';
}

/** What an operation can wait for. */
export const waitKinds = [
  'settle',
  'hook',
  'deletion',
  'retry',
  'session',
  'cluster',
  'approval',
  'window',
  'render',
  'worker',
] as const;
export type WaitKind = (typeof waitKinds)[number];

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
