import type { StoredInitiator } from '../sync/operation/initiator.ts';
import type { HookPhase, OperationPhase, ResultStatus, SyncRequest } from '../sync/operation/operation.ts';
import type { PlanStep } from '../sync/plan/plan.ts';
import type { DeletionFailure } from '../sync/walk/deletion.ts';
import type { ApplicationSpec } from './spec/spec.ts';
import type { ApplicationStatus, Condition, ResourceStatus } from './status.ts';

/** What is shown of an application itself: what its owner wrote, and what the last comparison found. */
export type ShownApplication = {
  readonly id: string;
  /** The uid of its object in the home cluster; null where there is none. */
  readonly homeUid: string | null;
  readonly homeConditions: readonly Condition[];
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
  readonly spec: ApplicationSpec;
  readonly specGeneration: number;
  readonly resourceVersion: number;
  readonly createdAt: Date;
  readonly deletionRequestedAt: Date | null;
  readonly deletionFailure: DeletionFailure | null;
  readonly desiredRevision: string | null;
  readonly renderError: string | null;
  readonly syncStatus: 'Synced' | 'OutOfSync' | 'Unknown';
  readonly healthStatus: string;
  readonly healthMessage: string | null;
  readonly conditions: readonly Condition[];
  readonly resources: readonly ResourceStatus[];
  readonly summary: NonNullable<ApplicationStatus['summary']>;
  readonly sourceTypes: readonly string[] | null;
  readonly reconciledAt: Date | null;
};

/** What is shown of a sync that deployed an application. */
export type ShownDeployment = {
  readonly id: string;
  readonly applicationId: string;
  readonly initiatedBy: StoredInitiator;
  readonly spec: ApplicationSpec;
  readonly revision: string | null;
  readonly historyId: number | null;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
};

/** What is shown of its newest sync. */
export type ShownSync = ShownDeployment & {
  readonly phase: OperationPhase;
  readonly message: string;
  readonly request: SyncRequest;
  /** From 1; grows with each retry. */
  readonly attempt: number;
};

/** One written object of a sync: what was planned and what came of it. */
export type WrittenStep = {
  readonly step: PlanStep;
  readonly result: {
    readonly status: ResultStatus;
    readonly hookPhase: HookPhase;
    readonly message: string;
  };
};

/** An application with everything that its manifest shows. */
export type ApplicationRecord = {
  readonly row: ShownApplication;
  /** The newest sync, running or not. */
  readonly sync?: ShownSync;
  /** Results of the newest sync's current attempt, in plan order. */
  readonly written: readonly WrittenStep[];
  /** Deployments, oldest first, at most as many as the spec keeps. */
  readonly history: readonly ShownDeployment[];
};

/** What is still told of an application that is gone. */
export type FinalApplication = {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly resourceVersion: number;
  readonly spec: ApplicationSpec;
};
