import type { ActionOutcome } from '../core/action/outcome.ts';
import type { InspectionKind, InspectionOutcome, InspectionRequest } from '../core/repository/inspection.ts';
import type { SettledHint } from '../workflows/messages.ts';
import type { LongRun } from './long-runs.ts';

/** Which operation a hint is about. */
export type OperationHint = {
  readonly id: string;
  readonly applicationId: string;
  readonly kind: 'sync' | 'delete';
};

/**
 * What the rest of Keelson asks of the workflow engine. Every call but `inspect` is, or begins with, a hint about a row that is already
 * committed: losing one costs time until the sweeper looks, never work.
 */
export type Engine = {
  /** Starts the workflow of a live operation, or does nothing when it runs already. */
  startOperation(operation: OperationHint & { readonly clusterId: string }): Promise<void>;
  /** Tells a running operation to look at its rows: something asks for its end, newer is queued, or is approved. */
  nudgeOperation(operation: OperationHint): Promise<void>;
  /** Tells a running operation that a group's objects may have settled. */
  hintSettled(operation: OperationHint, place: SettledHint): Promise<void>;
  /** Starts bringing one application's desired state up to date (its dirty row was raised before). */
  refreshApplication(applicationId: string): Promise<void>;
  /** The same for several. */
  refreshApplications(applicationIds: readonly string[]): Promise<void>;
  /** Checks one repository for new revisions, now and once more if this is asked during a check. */
  refreshRepository(repositoryId: string): Promise<void>;
  /** Starts a revision check of the repositories that are due now. */
  refreshRepositories(): Promise<void>;
  /** Makes sure a cluster's session workflow runs. */
  ensureClusterSession(clusterId: string): Promise<void>;
  /** Makes sure that the workflow runs which mirrors the home cluster. */
  ensureHomeSession(): Promise<void>;
  /** Asks a worker about a source and waits for the answer; no answer in time is a failure like any other. */
  inspect<Kind extends InspectionKind>(
    request: InspectionRequest<Kind>,
    deadlineSeconds: number,
  ): Promise<InspectionOutcome<Kind>>;
  /** Starts the workflow of a stored action, or does nothing when it runs already. */
  startAction(actionId: string): Promise<void>;
  /** The same, and waits for its outcome; undefined when there is none in time, and it goes on. */
  runAction(actionId: string, deadlineSeconds: number): Promise<ActionOutcome | undefined>;
  /**
   * Removes some histories of workflows that ended before; their rows tell all that anybody asks for. Answers whether
   * there may be more.
   */
  forgetEnded(before: Date): Promise<boolean>;
  /**
   * Ends runs whose histories have grown too long to be replayed in time, and answers with them. What several share is
   * begun again; an operation is begun again by whoever starts it from its row.
   */
  endLongRuns(): Promise<LongRun[]>;
};
