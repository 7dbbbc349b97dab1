import { keyId } from '../../../../core/object/key.ts';
import {
  isFinished,
  type OperationView,
  type StepView,
  type WaitView,
} from '../../../../core/sync/operation/operation.ts';
import { type PlanGroup, planPhases, type SyncPhase } from '../../../../core/sync/plan/plan.ts';

/** How far a step, wave or phase has come, as it is drawn. */
export type Mark = 'pending' | 'applying' | 'waiting' | 'done' | 'failed' | 'skipped';

export type MarkedStep = StepView & { readonly mark: Mark };

export type Wave = {
  readonly phase: SyncPhase;
  readonly wave: number;
  readonly mark: Mark;
  readonly steps: readonly MarkedStep[];
  readonly done: number;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Why the operation stands at this wave. */
  readonly wait?: WaitView;
};

export type Stage = {
  readonly phase: SyncPhase;
  readonly mark: Mark;
  readonly waves: readonly Wave[];
  readonly done: number;
  readonly total: number;
};

/** An operation as columns: phases in their order, waves inside, each step with its mark. */
export function stagesOf(operation: OperationView): readonly Stage[] {
  const context = contextOf(operation);
  const groups = [...operation.groups, ...operation.failureGroups];
  const stages: Stage[] = [];
  for (const phase of planPhases) {
    const own = groups.filter((group) => group.phase === phase);
    if (own.length === 0) continue;
    const waves = own.map((group) => waveOf(group, context));
    const total = waves.reduce((sum, wave) => sum + wave.steps.length, 0);
    const done = waves.reduce((sum, wave) => sum + wave.done, 0);
    stages.push({ phase, mark: summaryMark(waves.map((wave) => wave.mark)), waves, done, total });
  }
  return stages;
}

type Context = {
  readonly operation: OperationView;
  readonly finished: boolean;
  readonly openWaits: readonly WaitView[];
  /** The wave that the operation is at; undefined between attempts and at the end. */
  readonly current: PlanGroup | undefined;
};

function contextOf(operation: OperationView): Context {
  const finished = isFinished(operation.phase);
  const openWaits = finished ? [] : operation.waits.filter((wait) => wait.closedAt === undefined);
  const between = openWaits.some((wait) => wait.phase === undefined);
  const current = finished || between ? undefined : currentGroup(operation, openWaits);
  return { operation, finished, openWaits, current };
}

function currentGroup(operation: OperationView, openWaits: readonly WaitView[]): PlanGroup | undefined {
  const failed = operation.steps.some((step) => step.phase !== 'SyncFail' && hasFailed(step));
  const groups = failed ? operation.failureGroups : operation.groups;
  const awaited = openWaits.find((wait) => wait.phase !== undefined);
  const all = [...operation.groups, ...operation.failureGroups];
  if (awaited !== undefined) return all.find((group) => isAt(group, awaited));
  return groups.find((group) => stepsOf(operation, group).some((step) => !hasResult(step)));
}

function waveOf(group: PlanGroup, context: Context): Wave {
  const wait = context.openWaits.find((open) => isAt(group, open));
  const awaited = new Set(wait?.keys.map(keyId));
  const steps = stepsOf(context.operation, group).map((step) => ({
    ...step,
    mark: markOf(step, { group, awaited, held: wait?.kind === 'approval' }, context),
  }));
  const times = steps.flatMap((step) => step.startedAt ?? []);
  const ends = steps.flatMap((step) => step.finishedAt ?? []);
  const mark = summaryMark(steps.map((step) => step.mark));
  return {
    phase: group.phase,
    wave: group.wave,
    mark: wait !== undefined && mark === 'done' ? 'waiting' : mark,
    steps,
    done: steps.filter((step) => step.mark === 'done').length,
    ...(times.length === 0 ? {} : { startedAt: times.sort()[0] ?? '' }),
    ...(ends.length < steps.length || ends.length === 0 ? {} : { finishedAt: ends.sort().at(-1) ?? '' }),
    ...(wait === undefined ? {} : { wait }),
  };
}

type Place = {
  readonly group: PlanGroup;
  readonly awaited: ReadonlySet<string>;
  /** Whether nothing of the group is written before somebody approves. */
  readonly held: boolean;
};

function markOf(step: StepView, place: Place, context: Context): Mark {
  if (hasFailed(step)) return 'failed';
  if (step.status === 'PruneSkipped') return 'skipped';
  if (!hasResult(step)) return unwrittenMark(step, place, context);
  const { group, awaited } = place;
  if (awaited.has(keyId(step.key))) return 'waiting';
  const unsettled = step.hookPhase === 'Running' || step.hookPhase === 'Terminating';
  if (unsettled && !context.finished && (step.hook || context.current === group)) return 'waiting';
  return 'done';
}

function unwrittenMark(step: StepView, { group, awaited, held }: Place, context: Context): Mark {
  if (context.finished) return 'skipped';
  if (held) return awaited.has(keyId(step.key)) ? 'waiting' : 'pending';
  return context.current === group ? 'applying' : 'pending';
}

function hasFailed(step: StepView): boolean {
  return step.status === 'SyncFailed' || step.hookPhase === 'Failed' || step.hookPhase === 'Error';
}

function hasResult(step: StepView): boolean {
  return step.status !== undefined || step.hookPhase !== undefined;
}

function stepsOf(operation: OperationView, group: PlanGroup): readonly StepView[] {
  return operation.steps.filter((step) => step.phase === group.phase && step.wave === group.wave);
}

function isAt(group: PlanGroup, wait: WaitView): boolean {
  return wait.phase === group.phase && wait.wave === group.wave;
}

/** The mark of a whole: what needs attention first, then what is going on, then what is over. */
export function summaryMark(marks: readonly Mark[]): Mark {
  for (const mark of ['failed', 'applying', 'waiting'] as const) {
    if (marks.includes(mark)) return mark;
  }
  const started = marks.includes('done');
  if (marks.includes('pending')) return 'pending';
  if (started) return 'done';
  return marks.length === 0 ? 'done' : 'skipped';
}
