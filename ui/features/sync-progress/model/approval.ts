import { keyId, type ResourceKey } from '../../../../core/object/key.ts';
import { isFinished } from '../../../../core/sync/operation/operation.ts';
import { isOpen } from '../../../../core/sync/progress.ts';
import type { OperationView, WaitView } from '../../../../core/wire/operation.ts';

/** What one approval lets go: the objects that are waited for, and those that the operation comes to afterwards. */
export type Approval = { readonly now: readonly ResourceKey[]; readonly later: readonly ResourceKey[] };

/**
 * What confirming would approve; undefined where nothing can be confirmed. An approval is for the whole operation,
 * so deletions of later waves belong to what has to be known before.
 */
export function approvalOf(
  operation: Pick<OperationView, 'phase' | 'groups' | 'steps'>,
  wait: Pick<WaitView, 'kind' | 'keys' | 'closedAt'>,
): Approval | undefined {
  if (wait.kind !== 'approval' || !isOpen(wait)) return undefined;
  if (operation.phase === 'Terminating' || isFinished(operation.phase)) return undefined;
  const asked = new Set(operation.groups.flatMap((group) => group.approval ?? []));
  const now = new Set(wait.keys.map(keyId));
  const later = operation.steps.filter((step) => asked.has(step.step) && step.status === undefined);
  return { now: wait.keys, later: later.map((step) => step.key).filter((key) => !now.has(keyId(key))) };
}
