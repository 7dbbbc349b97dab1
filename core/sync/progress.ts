import { keyId } from '../object/key.ts';
import type { OperationView, StepView, WaitView } from '../wire/operation.ts';
import { isFinished, isHookFailure } from './operation/operation.ts';
import type { PlanGroup } from './plan/plan.ts';

/**
 * How far a step, a group or a whole has come. `applying` is to be written now, `waiting` is written and has to settle
 * or is held back, `skipped` is what the operation leaves as it is, or never came to.
 */
export type ProgressState = 'pending' | 'applying' | 'waiting' | 'done' | 'failed' | 'skipped';

/** A step with how far it has come. */
export type StepProgress = StepView & { readonly state: ProgressState };

/** A phase and wave with how far it has come. */
export type GroupProgress = Pick<PlanGroup, 'phase' | 'wave' | 'count' | 'settle'> & {
  readonly state: ProgressState;
  /** Its steps of the current attempt. */
  readonly steps: readonly StepProgress[];
  /** Steps that are done. */
  readonly done: number;
  readonly startedAt?: string;
  /** Absent until nothing of the group is under way any more. */
  readonly finishedAt?: string;
  /** Why the operation stands at this group. */
  readonly wait?: WaitView;
};

/** An operation with how far it has come. */
export type Progress = {
  readonly groups: readonly GroupProgress[];
  /** What runs after a failure only. */
  readonly failureGroups: readonly GroupProgress[];
  /** Why the operation stands still, where that is no matter of a group. */
  readonly waits: readonly WaitView[];
};

/** How far an operation has come: the one answer that all who draw it share. Pure. */
export function progressOf(view: OperationView): Progress {
  const context = contextOf(view);
  return {
    groups: view.groups.map((group) => groupProgress(group, context)),
    failureGroups: view.failureGroups.map((group) => groupProgress(group, context)),
    waits: context.waits.filter(({ phase }) => phase === undefined),
  };
}

/** The waits that keep an operation; a finished one is kept by nothing. */
export function openWaits(view: Pick<OperationView, 'phase' | 'waits'>): readonly WaitView[] {
  return isFinished(view.phase) ? [] : view.waits.filter(isOpen);
}

/** The state of a whole by those of its parts: what needs attention first, then what goes on, then what is over. */
export function stateOfWhole(states: readonly ProgressState[]): ProgressState {
  const first = (['failed', 'applying', 'waiting', 'pending', 'done'] as const).find((state) =>
    states.includes(state),
  );
  return first ?? (states.length === 0 ? 'done' : 'skipped');
}

/** Whether something of it is written now, or waited for. */
export function isMoving({ state }: { readonly state: ProgressState }): boolean {
  return state === 'applying' || state === 'waiting';
}

type Context = {
  readonly view: OperationView;
  readonly finished: boolean;
  /** Open waits of an operation that runs. */
  readonly waits: readonly WaitView[];
  /** The objects that they name. */
  readonly awaited: ReadonlySet<string>;
  /** The steps of each group in the current attempt. */
  readonly steps: ReadonlyMap<PlanGroup, readonly StepView[]>;
  /** The group that the operation is at; undefined between attempts and at the end. */
  readonly current: PlanGroup | undefined;
};

function contextOf(view: OperationView): Context {
  const finished = isFinished(view.phase);
  const waits = openWaits(view);
  const awaited = new Set(waits.flatMap(({ keys }) => keys.map(keyId)));
  const standsElsewhere = waits.some(({ phase }) => phase === undefined);
  const all = [...view.groups, ...view.failureGroups];
  const steps = new Map(all.map((group) => [group, stepsOf(view, group)]));
  const known = { view, finished, waits, awaited, steps };
  return { ...known, current: finished || standsElsewhere ? undefined : currentGroup(known) };
}

function currentGroup(context: Omit<Context, 'current'>): PlanGroup | undefined {
  const { view, waits, steps } = context;
  const [wait] = waits;
  if (wait !== undefined) return [...steps.keys()].find((group) => isAt(view, group, wait));
  const failed = view.groups.some((group) => steps.get(group)?.some(hasFailed));
  const groups = failed ? view.failureGroups : view.groups;
  return groups.find(
    (group) => !steps.get(group)?.every(hasResult) || (group.settle && !hasSettled(group, context)),
  );
}

function groupProgress(group: PlanGroup, context: Context): GroupProgress {
  const { view } = context;
  const wait = context.waits.find((open) => isAt(view, group, open));
  const standing = { isCurrent: context.current === group, isHeld: wait?.kind === 'approval' };
  const own = context.steps.get(group) ?? [];
  const steps = own.map((step) => ({ ...step, state: stepState(step, standing, context) }));
  const states = steps.map(({ state }) => state);
  const state = context.finished
    ? endedState(group, steps, { view, states })
    : runningState(group, states, { context, wait });
  const starts = steps.flatMap(({ startedAt }) => startedAt ?? []);
  const isOver = state === 'done' || state === 'failed' || state === 'skipped';
  const ends = isOver ? endsOf(view, group, steps) : [];
  return {
    phase: group.phase,
    wave: group.wave,
    count: group.count,
    settle: group.settle,
    state,
    steps,
    done: states.filter((one) => one === 'done').length,
    ...(starts.length === 0 ? {} : { startedAt: starts.reduce((a, b) => (a < b ? a : b)) }),
    ...(ends.length === 0 ? {} : { finishedAt: ends.reduce((a, b) => (a > b ? a : b)) }),
    ...(wait === undefined ? {} : { wait }),
  };
}

/** When its steps ended, and the waits for them. */
function endsOf(view: OperationView, group: PlanGroup, steps: readonly StepView[]): string[] {
  const waits = view.waits.filter((wait) => isAt(view, group, wait));
  return [...steps.map(({ finishedAt }) => finishedAt), ...waits.map(({ closedAt }) => closedAt)].filter(
    (time) => time !== undefined,
  );
}

type Standing = {
  readonly isCurrent: boolean;
  /** Whether nothing of the group is written before somebody approves. */
  readonly isHeld: boolean;
};

function stepState(step: StepView, standing: Standing, context: Context): ProgressState {
  if (hasFailed(step)) return 'failed';
  if (step.status === 'PruneSkipped') return 'skipped';
  if (!hasResult(step)) return unwrittenState(step, standing, context);
  if (context.finished) return endedWell(step, context.view) ? 'done' : 'failed';
  if (context.awaited.has(keyId(step.key))) return 'waiting';
  if (step.hook) return step.hookPhase === 'Succeeded' ? 'done' : 'waiting';
  return standing.isCurrent && isUnsettled(step) ? 'waiting' : 'done';
}

/** A hook has done its work or it has not; an object that was written stays so, settled or not. */
function endedWell(step: StepView, view: OperationView): boolean {
  return !step.hook || step.hookPhase === 'Succeeded' || view.phase === 'Succeeded';
}

function unwrittenState(step: StepView, { isCurrent, isHeld }: Standing, context: Context): ProgressState {
  if (context.finished) return 'skipped';
  if (isHeld) return context.awaited.has(keyId(step.key)) ? 'waiting' : 'pending';
  return isCurrent || step.startedAt !== undefined ? 'applying' : 'pending';
}

function runningState(
  group: PlanGroup,
  states: readonly ProgressState[],
  { context, wait }: { readonly context: Context; readonly wait: WaitView | undefined },
): ProgressState {
  if (states.length === 0) return wait === undefined ? 'pending' : 'waiting';
  const whole = stateOfWhole(states);
  // Half of it is written, and the operation stands at something else.
  if (whole === 'pending') return states.includes('done') ? 'waiting' : 'pending';
  if (whole !== 'done') return whole;
  return wait !== undefined || (group.settle && !hasSettled(group, context)) ? 'waiting' : 'done';
}

/** Of an operation that ended badly, the group at which it did has failed, also where each step of it was written. */
function endedState(
  group: PlanGroup,
  steps: readonly StepProgress[],
  { view, states }: { readonly view: OperationView; readonly states: readonly ProgressState[] },
): ProgressState {
  if (states.includes('failed')) return 'failed';
  if (!states.includes('done')) return 'skipped';
  if (view.phase === 'Succeeded') return 'done';
  const cameThrough =
    steps.length >= group.count &&
    steps.every(hasResult) &&
    !view.waits.some((wait) => isOpen(wait) && concerns(view, group, wait, steps));
  if (cameThrough) return 'done';
  // What took over began at a boundary: nothing went wrong here.
  return view.phase === 'Superseded' ? 'skipped' : 'failed';
}

/** A group that has to settle has done so once its wait is closed, each step has, or a later group has begun. */
function hasSettled(group: PlanGroup, { view, steps }: Pick<Context, 'steps' | 'view'>): boolean {
  const behind = group.first + group.count;
  return (
    view.waits.some((wait) => !isOpen(wait) && isAt(view, group, wait)) ||
    steps.get(group)?.every((step) => step.hookPhase === 'Succeeded' || step.status === 'PruneSkipped') ===
      true ||
    view.steps.some((step) => step.attempt === view.attempt && step.step >= behind && hasBegun(step))
  );
}

/** The steps of a group in the current attempt. */
function stepsOf(view: OperationView, { first, count }: PlanGroup): readonly StepView[] {
  return view.steps.filter(
    ({ attempt, step }) => attempt === view.attempt && step >= first && step < first + count,
  );
}

function hasFailed(step: StepView): boolean {
  return step.status === 'SyncFailed' || isHookFailure(step.hookPhase);
}

function isUnsettled({ hookPhase }: StepView): boolean {
  return hookPhase === 'Running' || hookPhase === 'Terminating';
}

function hasResult(step: StepView): boolean {
  return step.status !== undefined || step.hookPhase !== undefined;
}

function hasBegun(step: StepView): boolean {
  return hasResult(step) || step.startedAt !== undefined;
}

/** Whether somebody still waits with it. */
export function isOpen(wait: Pick<WaitView, 'closedAt'>): boolean {
  return wait.closedAt === undefined;
}

/** Whether a wait is one of this group, or names an object of it. */
function concerns(
  view: OperationView,
  group: PlanGroup,
  wait: WaitView,
  steps: readonly StepView[],
): boolean {
  if (wait.phase !== undefined) return isAt(view, group, wait);
  const awaited = new Set(wait.keys.map(keyId));
  return steps.some(({ key }) => awaited.has(keyId(key)));
}

/** Whether a wait of the current attempt is one of this group. */
function isAt(view: OperationView, group: PlanGroup, wait: WaitView): boolean {
  if (wait.attempt !== view.attempt || wait.phase !== group.phase) return false;
  return (wait.wave ?? group.wave) === group.wave;
}
