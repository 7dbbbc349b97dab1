import { openWindows } from '../../core/project/window/decision.ts';
import { asksForWindows, type GateFacts } from '../../core/sync/walk/gate.ts';
import type { OperationState } from '../../db/queries/operation/operation-state.ts';
import { syncWindowsOf } from '../../db/queries/project/sync-windows.ts';
import type { RecordDeps } from '../deps.ts';

/**
 * What gates ask for before a group, as it stands at this moment: the windows are read anew, since they may have changed
 * while the group before this one got healthy. An operation keeps the project that it was requested in, as its spec.
 */
export async function gateFacts(
  deps: Pick<RecordDeps, 'db' | 'settings'>,
  {
    operation,
    annotations,
    deletionRequestedAt,
  }: Pick<OperationState, 'annotations' | 'deletionRequestedAt' | 'operation'>,
  begun = false,
): Promise<GateFacts> {
  const { applicationName: name, project, spec, clusterId } = operation;
  const windows = asksForWindows(operation)
    ? await syncWindowsOf(deps, { project, name, spec, clusterId })
    : openWindows([]);
  return { annotations, deletionRequestedAt, windows, begun, now: Date.now() };
}
