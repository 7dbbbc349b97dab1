import { sameJson } from '../../object/json/canonical.ts';
import type { Closure } from '../../project/window/closure.ts';
import { defaultSelfHealDelay, type SelfHealDelay } from '../../settings/words/read-pace.ts';
import {
  isFinished,
  type OperationPhase,
  type SelectedResource,
  type SyncRequest,
} from '../../sync/operation/operation.ts';
import { automatedRetryLimit, parseRetry } from '../../sync/operation/retry.ts';
import { shownRevisions, splitRevisions } from '../source/revisions.ts';
import type { ApplicationSource } from '../source/source-spec.ts';
import type { SyncPolicy } from '../spec/sync-policy.ts';
import type { SyncStatus } from '../words.ts';
import { automationOf } from './automation.ts';

/** One object as the last comparison saw it; hooks have no status. */
export type ComparedResource = SelectedResource & {
  readonly status: SyncStatus | undefined;
  readonly requiresPruning: boolean;
  /** Whether the project keeps the application from it: nothing heals such an object. */
  readonly refused?: boolean;
};

/**
 * The last operation that was to bring all of an application's desired state, or to heal it, as far as it matters here:
 * a dry run brings nothing, and a sync of chosen objects is no attempt at the rest.
 */
export type LastOperation = {
  readonly phase: OperationPhase;
  readonly message: string;
  /** Of all sources, joined; absent when the operation ended before it had one. */
  readonly revision?: string;
  readonly sources?: readonly ApplicationSource[];
  /** What of the spec besides the sources has changed since; `spec` is anything but the destination. */
  readonly change: 'destination' | 'nothing' | 'spec';
  readonly finishedAtUnix?: number;
  readonly selfHealAttempts: number;
};

/** Everything that the decision depends on. */
export type AutoSyncFacts = {
  readonly syncPolicy: SyncPolicy | undefined;
  readonly operationInProgress: boolean;
  readonly deleting: boolean;
  /** Why nothing is synced, by anybody, until somebody has decided; undefined where it may be. */
  readonly hold?: string | undefined;
  readonly syncStatus: SyncStatus;
  /** The revisions that were compared, joined. */
  readonly revision: string;
  /** Whether the spec has the list form of sources. */
  readonly several: boolean;
  readonly sources: readonly ApplicationSource[];
  readonly resources: readonly ComparedResource[];
  /** Whether what is desired may not be all that is desired: then nothing is pruned, and pruning is no reason to sync. */
  readonly untrusted?: boolean;
  /** Why what would be deployed is not what the spec means, so that only a person may sync it. */
  readonly misdeployment?: string | undefined;
  readonly last: LastOperation | undefined;
  readonly selfHealDelay?: SelfHealDelay;
  readonly nowUnix: number;
};

/**
 * What follows for now: a sync, one that sync windows hold back, another look at a certain time, or nothing until
 * something changes. `condition` says that people should see the reason as a SyncError of the application.
 */
export type AutoSyncDecision =
  | { readonly action: 'sync'; readonly request: SyncRequest }
  | { readonly action: 'held'; readonly revision: string; readonly closure: Closure }
  | { readonly action: 'wait'; readonly untilUnix: number }
  | { readonly action: 'none'; readonly reason: string; readonly condition: boolean };

/** Seconds after the last sync before the next self-heal: none at first unless each has to wait as long. */
export function selfHealDelaySeconds(attempts: number, delay: SelfHealDelay = defaultSelfHealDelay): number {
  const { flatSeconds, firstSeconds, factor, mostSeconds } = delay;
  if (flatSeconds !== undefined) return flatSeconds;
  return attempts <= 0 ? 0 : Math.min(mostSeconds, firstSeconds * factor ** (attempts - 1));
}

/** Decides at the end of a comparison whether an application syncs by itself now, later or not. */
export function decideAutoSync(facts: AutoSyncFacts): AutoSyncDecision {
  const refusal = refusalOf(facts);
  if (refusal !== undefined) return none(refusal, refusal === facts.misdeployment);
  const { last } = facts;
  const attempted = last !== undefined && isAttempted(last, facts);
  if (attempted && last.phase !== 'Succeeded') {
    return none(`Failed last sync attempt to [${last.revision ?? ''}]: ${last.message}`, true);
  }
  if (attempted && facts.syncPolicy?.automated?.selfHeal !== true) {
    return none(`the most recent sync already was to ${facts.revision}`);
  }
  const healing = attempted ? last : undefined;
  if (healing !== undefined && isRefused(facts)) {
    return none('the project keeps the application from what differs');
  }
  const untilUnix = attempted
    ? (last.finishedAtUnix ?? 0) + selfHealDelaySeconds(last.selfHealAttempts, facts.selfHealDelay)
    : 0;
  if (untilUnix > facts.nowUnix) return { action: 'wait', untilUnix };
  if (wipesOut(facts)) {
    return none(`Skipping sync attempt to [${facts.revision}]: auto-sync will wipe out all resources`, true);
  }
  return { action: 'sync', request: requestOf(facts, healing) };
}

/** Type of the condition that says until when an automated sync waits for sync windows. */
export const heldSyncCondition = 'SyncWindowWait';

/** What becomes of a decision where sync windows are closed: a sync waits for their opening. */
export function heldBack(decision: AutoSyncDecision, closure: Closure | undefined): AutoSyncDecision {
  if (decision.action !== 'sync' || closure === undefined) return decision;
  return { action: 'held', revision: shownRevisions(decision.request) ?? '', closure };
}

function none(reason: string, condition = false): AutoSyncDecision {
  return { action: 'none', reason, condition };
}

/** What speaks against any automated sync, in the order of weight. */
function refusalOf(facts: AutoSyncFacts): string | undefined {
  const automated = automationOf(facts.syncPolicy);
  if (automated === undefined) return 'automated sync is off';
  if (facts.misdeployment !== undefined) return facts.misdeployment;
  if (facts.operationInProgress) return 'another operation is in progress';
  if (facts.deleting) return 'the application is being deleted';
  if (facts.hold !== undefined) return facts.hold;
  if (facts.syncStatus !== 'OutOfSync') return `the application is ${facts.syncStatus}`;
  const differing = facts.resources.filter(isDiffering);
  const prunes = automated.prune === true && facts.untrusted !== true;
  if (!prunes && differing.every((resource) => resource.requiresPruning)) {
    return 'objects only need pruning, and automated pruning is off';
  }
  return undefined;
}

function isDiffering(resource: ComparedResource): boolean {
  return resource.status !== undefined && resource.status !== 'Synced';
}

/** Whether there is nothing to heal but objects that the project keeps the application from. */
function isRefused({ resources }: AutoSyncFacts): boolean {
  const differing = resources.filter(isDiffering);
  return differing.length > 0 && differing.every(({ refused }) => refused === true);
}

/**
 * Whether the last operation was for this revision and these sources; without a result it counts as such. After a
 * failure any change of the spec is something new to try, since it may be the remedy that the failure named.
 */
function isAttempted(last: LastOperation, facts: AutoSyncFacts): boolean {
  if (!isFinished(last.phase) || last.phase === 'Superseded') return false;
  if (last.change === 'destination' || (last.change === 'spec' && last.phase !== 'Succeeded')) return false;
  if (last.revision === undefined) return true;
  return last.revision === facts.revision && sameJson(last.sources ?? [], facts.sources);
}

/** An empty render would delete everything; automated syncs do that only when they are allowed to. */
function wipesOut(facts: AutoSyncFacts): boolean {
  const automated = facts.syncPolicy?.automated;
  if (automated?.prune !== true || automated.allowEmpty === true) return false;
  return facts.resources.every((resource) => resource.requiresPruning);
}

/** A sync to the compared revision; a self-heal covers only what differs, and therefore runs no hooks. */
function requestOf(facts: AutoSyncFacts, healed: LastOperation | undefined): SyncRequest {
  const { syncPolicy } = facts;
  const healable = facts.resources.filter((one) => isDiffering(one) && one.refused !== true);
  const differing = healable.map(({ group, kind, name, namespace }) => ({
    ...{ group, kind, name },
    ...(namespace === undefined ? {} : { namespace }),
  }));
  return {
    ...(facts.several ? { revisions: splitRevisions(facts.revision) } : { revision: facts.revision }),
    prune: syncPolicy?.automated?.prune === true,
    dryRun: false,
    strategy: 'hook',
    force: false,
    resources: healed === undefined ? [] : differing,
    syncOptions: syncPolicy?.syncOptions ?? [],
    retry: parseRetry(syncPolicy?.retry ?? { limit: automatedRetryLimit }),
    selfHealAttempts: healed === undefined ? 0 : healed.selfHealAttempts + 1,
    info: [],
  };
}
