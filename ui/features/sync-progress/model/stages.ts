import { planPhases, type SyncPhase } from '../../../../core/sync/plan/plan.ts';
import {
  type GroupProgress,
  type Progress,
  type ProgressState,
  stateOfWhole,
} from '../../../../core/sync/progress.ts';

/** One phase with its waves, as a column. */
export type Stage = {
  readonly phase: SyncPhase;
  readonly state: ProgressState;
  readonly waves: readonly GroupProgress[];
  readonly done: number;
  readonly total: number;
};

/** An operation's progress as columns: phases in their order, waves inside. */
export function stagesOf({ groups, failureGroups }: Progress): readonly Stage[] {
  const all = [...groups, ...failureGroups];
  return planPhases.flatMap((phase) => {
    const waves = all.filter((group) => group.phase === phase);
    if (waves.length === 0) return [];
    return {
      phase,
      state: stateOfWhole(waves.map(({ state }) => state)),
      waves,
      done: waves.reduce((sum, { done }) => sum + done, 0),
      total: waves.reduce((sum, { steps }) => sum + steps.length, 0),
    };
  });
}
