import { automationOf } from '../../application/automation/automation.ts';
import { shortRevisions } from '../../application/source/revisions.ts';
import type { ApplicationSource } from '../../application/source/source-spec.ts';
import type { ApplicationSpec } from '../../application/spec/spec.ts';
import { sameJson } from '../../object/json/canonical.ts';
import { rulesOf, type StoredInitiator } from './initiator.ts';
import type { OperationKind } from './operation.ts';

/** What an application should have: a revision of these sources. */
export type Target = { readonly revision: string; readonly sources: readonly ApplicationSource[] };

/** A live operation, as far as it matters whether something newer takes over from it. */
export type Supersedable = Target & {
  readonly kind: OperationKind;
  readonly initiatedBy: StoredInitiator;
};

/**
 * Whether the newest state of an application takes over from its live operation: only automated syncs give way, since
 * what a person asked for is theirs to stop, and only to another revision or other sources.
 */
export function isOutdated(live: Supersedable, newest: Target): boolean {
  if (live.kind !== 'sync' || !rulesOf(live.initiatedBy).givesWay) return false;
  return live.revision !== newest.revision || !sameJson(live.sources, newest.sources);
}

/** The application as it is when the operation before a successor ends. */
export type SuccessionFacts = {
  readonly spec: ApplicationSpec;
  readonly deletionRequestedAt: Date | null;
  readonly clusterId: string | null;
  readonly desiredRevision: string | null;
};

/**
 * Whether a successor that was queued earlier may still start: automated sync is still on, and nothing has moved on
 * since. Whatever falls here is decided anew by the comparison that follows every operation.
 */
export function mayStart(
  successor: {
    readonly revision: string;
    readonly spec: ApplicationSpec;
    readonly clusterId: string;
  },
  now: SuccessionFacts,
): boolean {
  if (automationOf(now.spec.syncPolicy) === undefined) return false;
  if (now.deletionRequestedAt !== null || now.clusterId !== successor.clusterId) return false;
  return now.desiredRevision === successor.revision && sameJson(now.spec, successor.spec);
}

/** The message of an operation that gave way to a newer revision. */
export function supersededMessage(revision: string): string {
  return `superseded by revision ${shortRevisions(revision)}, which automated sync brings next`;
}
