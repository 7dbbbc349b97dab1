import { versionOf } from '../object/manifest/manifest.ts';
import { shownInitiator } from '../sync/operation/initiator.ts';
import {
  isFinished,
  type OperationPhase,
  type RetrySpec,
  type SyncRequest,
} from '../sync/operation/operation.ts';
import { formatDuration } from '../text/duration.ts';
import { formatTime } from '../text/time.ts';
import type {
  ApplicationRecord,
  FinalApplication,
  ShownApplication,
  ShownDeployment,
  ShownSync,
  WrittenStep,
} from './record.ts';
import { nameRevisions } from './source/revisions.ts';
import { hasMultipleSources } from './source/source.ts';
import type { Application, ApplicationSpec } from './spec/spec.ts';
import type { ApplicationOperation } from './spec/sync-policy.ts';
import type {
  ApplicationStatus,
  Condition,
  HistoryEntry,
  OperationState,
  ResourceResult,
  SyncResult,
} from './status.ts';
import type { HealthStatus } from './words.ts';

/** An application as clients see it: what its owner wrote and what Keelson knows of it. */
export function applicationManifest(record: ApplicationRecord, controllerNamespace: string): Application {
  const { row, sync } = record;
  const running = sync !== undefined && !isFinished(sync.phase);
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: row.name,
      namespace: row.namespace,
      uid: row.homeUid ?? row.id,
      resourceVersion: String(row.resourceVersion),
      generation: row.specGeneration,
      creationTimestamp: formatTime(row.createdAt),
      ...(row.deletionRequestedAt === null ? {} : { deletionTimestamp: formatTime(row.deletionRequestedAt) }),
      ...filled('labels', row.labels),
      ...filled('annotations', row.annotations),
      ...(row.finalizers.length === 0 ? {} : { finalizers: [...row.finalizers] }),
    },
    spec: row.spec,
    ...(running ? { operation: operationJson(sync) } : {}),
    status: statusJson(record, controllerNamespace),
  };
}

/** What a DELETED event shows of an application that is gone. */
export function finalManifest(final: FinalApplication): Application {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: final.name,
      namespace: final.namespace,
      uid: final.uid,
      resourceVersion: String(final.resourceVersion),
      ...filled('labels', final.labels),
    },
    spec: final.spec,
  };
}

function filled(field: 'labels' | 'annotations', map: Readonly<Record<string, string>>) {
  return Object.keys(map).length === 0 ? {} : { [field]: map };
}

function statusJson(record: ApplicationRecord, controllerNamespace: string): ApplicationStatus {
  const { row, sync } = record;
  const conditions = conditionsOf(row);
  const { destination, ignoreDifferences } = row.spec;
  return {
    sync: {
      status: row.syncStatus,
      ...nameRevisions(row.spec, row.desiredRevision),
      comparedTo: {
        ...sourcesJson(row.spec),
        destination,
        ...(ignoreDifferences === undefined ? {} : { ignoreDifferences }),
      },
    },
    health: {
      // The column holds what health assessment wrote, one of its own words.
      status: row.healthStatus as HealthStatus,
      ...(row.healthMessage === null ? {} : { message: row.healthMessage }),
    },
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(row.resources.length === 0 ? {} : { resources: [...row.resources] }),
    ...(record.history.length === 0 ? {} : { history: record.history.map(historyEntry) }),
    ...(sync === undefined ? {} : { operationState: operationState(sync, record.written) }),
    summary: row.summary,
    ...(row.reconciledAt === null ? {} : { reconciledAt: formatTime(row.reconciledAt) }),
    ...sourceTypesJson(row),
    controllerNamespace,
  };
}

const loadFailure = 'Failed to load target state: ';

/**
 * Why there is no desired state is shown before a session has seen it, or while none can; what a session saw before that
 * is over.
 */
function conditionsOf(row: ShownApplication): Condition[] {
  const { renderError, deletionFailure } = row;
  const message = `${loadFailure}${renderError}`;
  const known = row.conditions.some((condition) => condition.message === message);
  return [
    ...row.homeConditions,
    ...row.conditions.filter(
      (condition) => condition.message === message || !condition.message.startsWith(loadFailure),
    ),
    ...(renderError === null || known ? [] : [{ type: 'ComparisonError', message }]),
    ...(deletionFailure === null
      ? []
      : [
          {
            type: 'DeletionError',
            message: `${deletionFailure.message}; nothing is synced by itself until then`,
            lastTransitionTime: deletionFailure.at,
          },
        ]),
  ];
}

function operationJson(sync: ShownSync): ApplicationOperation {
  const { request, initiatedBy } = sync;
  return {
    sync: syncJson(request),
    retry: retryJson(request.retry),
    initiatedBy: shownInitiator(initiatedBy),
    ...(request.info.length === 0 ? {} : { info: request.info.map((entry) => ({ ...entry })) }),
  };
}

function syncJson(request: SyncRequest): NonNullable<ApplicationOperation['sync']> {
  const force = request.force ? { force: true } : {};
  return {
    ...(request.revision === undefined ? {} : { revision: request.revision }),
    ...(request.revisions === undefined ? {} : { revisions: [...request.revisions] }),
    ...(request.prune ? { prune: true } : {}),
    ...(request.dryRun ? { dryRun: true } : {}),
    syncStrategy: request.strategy === 'apply' ? { apply: force } : { hook: force },
    ...(request.resources.length === 0
      ? {}
      : { resources: request.resources.map((resource) => ({ ...resource })) }),
    ...(request.syncOptions.length === 0 ? {} : { syncOptions: [...request.syncOptions] }),
    ...(request.selfHealAttempts === 0 ? {} : { autoHealAttemptsCount: request.selfHealAttempts }),
  };
}

function retryJson(retry: RetrySpec): NonNullable<ApplicationOperation['retry']> {
  if (retry.limit === 0) return {};
  const { durationSeconds, factor, maxDurationSeconds } = retry.backoff;
  return {
    limit: retry.limit,
    backoff: {
      duration: formatDuration(durationSeconds),
      factor,
      maxDuration: formatDuration(maxDurationSeconds),
    },
    ...(retry.refresh ? { refresh: true } : {}),
  };
}

/** Our two extra words in the reference's vocabulary. */
function phaseJson(phase: OperationPhase): OperationState['phase'] {
  if (phase === 'Requested') return 'Running';
  if (phase === 'Superseded') return 'Failed';
  return phase;
}

function operationState(sync: ShownSync, written: readonly WrittenStep[]): OperationState {
  const finished = isFinished(sync.phase);
  return {
    operation: operationJson(sync),
    phase: phaseJson(sync.phase),
    ...(sync.message === '' ? {} : { message: sync.message }),
    startedAt: formatTime(sync.startedAt ?? sync.requestedAt),
    ...(finished && sync.finishedAt !== null ? { finishedAt: formatTime(sync.finishedAt) } : {}),
    retryCount: sync.attempt - 1,
    ...(sync.revision === null
      ? {}
      : {
          syncResult: {
            ...deployed(sync),
            ...managedNamespace(sync),
            resources: written.map(resultJson),
          },
        }),
  };
}

/** What the destination namespace was given by a sync; another wish in the spec is out of sync with it. */
function managedNamespace({ spec }: ShownSync): Pick<SyncResult, 'managedNamespaceMetadata'> {
  const managedNamespaceMetadata = spec.syncPolicy?.managedNamespaceMetadata;
  return managedNamespaceMetadata === undefined ? {} : { managedNamespaceMetadata };
}

function resultJson({ step, result }: WrittenStep): ResourceResult {
  const { group, kind, namespace, name } = step.key;
  return {
    group,
    version: versionOf(step.apiVersion),
    kind,
    namespace,
    name,
    status: result.status,
    ...(result.message === '' ? {} : { message: result.message }),
    ...(step.action === 'create-hook' ? { hookType: step.phase } : {}),
    hookPhase: result.hookPhase,
    syncPhase: step.phase,
  };
}

function historyEntry(sync: ShownDeployment): HistoryEntry {
  return {
    id: sync.historyId ?? 0,
    ...deployed(sync),
    deployStartedAt: formatTime(sync.startedAt ?? sync.requestedAt),
    deployedAt: formatTime(sync.finishedAt ?? sync.requestedAt),
    initiatedBy: shownInitiator(sync.initiatedBy),
  };
}

/** Revisions and sources of a sync, in the single or the list form as its spec has them. */
function deployed(
  sync: ShownDeployment,
): Pick<HistoryEntry, 'revision' | 'revisions' | 'source' | 'sources'> {
  return { ...nameRevisions(sync.spec, sync.revision), ...sourcesJson(sync.spec) };
}

/** The sources that count: beside the list the single one means nothing. */
function sourcesJson(spec: ApplicationSpec): Pick<ApplicationSpec, 'source' | 'sources'> {
  const { source, sources } = spec;
  if (hasMultipleSources(spec)) return { sources };
  return source === undefined ? {} : { source };
}

/** What renders the sources, in the form that the spec had when it was last rendered or has now. */
function sourceTypesJson({ spec, sourceTypes }: ShownApplication) {
  if (sourceTypes === null) return {};
  if (hasMultipleSources(spec)) return { sourceTypes: [...sourceTypes] };
  return sourceTypes[0] === undefined ? {} : { sourceType: sourceTypes[0] };
}
