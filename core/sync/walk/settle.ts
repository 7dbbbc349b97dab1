import type { HealthAssessor, ObjectHealth } from '../../health/health.ts';
import { formatKey } from '../../object/key.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { someOf } from '../../text/some-of.ts';
import { resourceTitle, stepTitles } from '../operation/message.ts';
import { type HookPhase, isHookFailure, type ResultStatus } from '../operation/operation.ts';
import type { PlanStep } from '../plan/plan.ts';
import { assessChild, isApplication } from './child-application.ts';
import { holderWords } from './deletion.ts';
import { isFromBefore, type WriteAge } from './status-age.ts';

/** How far a step's object has come. */
export type StepState = { readonly state: 'waiting' | 'succeeded' | 'failed'; readonly message: string };

/** What is recorded of a step so far; a complete result stands whatever became of its object. */
export type StepOutcome = {
  readonly status?: ResultStatus | null;
  readonly hookPhase?: HookPhase | null;
  readonly message?: string | null;
  readonly complete: boolean;
};

/** What a step's state is decided from. */
export type StepFacts = {
  readonly step: PlanStep;
  readonly live: Manifest | undefined;
  readonly result: StepOutcome | undefined;
  readonly assessHealth: HealthAssessor;
  /** When the step's group was written; absent where that doesn't matter. */
  readonly age?: WriteAge | undefined;
};

/** Whether a step is done, from what is recorded and from the live object. */
export function assessStep({ step, live, result, assessHealth, age }: StepFacts): StepState {
  if (result === undefined) return { state: 'waiting', message: '' };
  if (result.status === 'SyncFailed') return { state: 'failed', message: result.message ?? '' };
  if (result.complete) return completed(result);
  if (step.action === 'skip-prune') return { state: 'succeeded', message: step.note ?? '' };
  if (step.action === 'prune') return assessPrune(step, live);
  if (live === undefined) {
    return {
      state: 'failed',
      message: `Resource ${resourceTitle(step.key)} is missing, it might have been deleted`,
    };
  }
  if (step.action === 'create-hook') return assessHook(step, live, assessHealth(live));
  if (live.metadata.deletionTimestamp !== undefined) {
    return { state: 'failed', message: goingWords(step, live) };
  }
  const state = assessLive(step, live, assessHealth(live));
  // What stood before the plan may have failed for the lack of what this sync brings.
  const isOld = state.state === 'failed' && step.uid !== undefined && age !== undefined;
  return isOld && isFromBefore(live, age) ? { ...state, state: 'waiting' } : state;
}

/** What is going away never becomes well: nothing is waited for, and whoever made it go has to be asked. */
function goingWords(step: PlanStep, live: Manifest): string {
  const holders = holderWords(live.metadata.finalizers ?? []);
  return `Resource ${resourceTitle(step.key)} is being deleted${holders === '' ? '' : `, ${holders}`}`;
}

function completed(result: StepOutcome): StepState {
  const failed = isHookFailure(result.hookPhase ?? undefined);
  return { state: failed ? 'failed' : 'succeeded', message: result.message ?? '' };
}

const pendingDeletion = 'Pending deletion';

/** A deletion is done when the object is gone; a successor under the same name is not ours to wait for. */
export function assessPrune(step: PlanStep, live: Manifest | undefined): StepState {
  if (live === undefined || (step.uid !== undefined && live.metadata.uid !== step.uid)) {
    return { state: 'succeeded', message: 'pruned' };
  }
  const { deletionTimestamp, finalizers = [] } = live.metadata;
  const holders = deletionTimestamp === undefined ? '' : holderWords(finalizers);
  return { state: 'waiting', message: holders === '' ? pendingDeletion : `${pendingDeletion}, ${holders}` };
}

/** A script of the settings for applications goes before the rule for children. */
function assessLive(step: PlanStep, live: Manifest, found: ObjectHealth | undefined): StepState {
  if (found === undefined && isApplication(step.key)) return assessChild(live, step.awaited === true);
  return assessApplied(found);
}

function assessApplied(found: ObjectHealth | undefined): StepState {
  const message = found?.message ?? '';
  if (found === undefined || found.status === 'Healthy') return { state: 'succeeded', message };
  if (found.status === 'Degraded') return { state: 'failed', message };
  return { state: 'waiting', message };
}

/** A hook that came to its end before it was deleted has its result; one that was deleted first has failed. */
function assessHook(step: PlanStep, live: Manifest, found: ObjectHealth | undefined): StepState {
  const going = live.metadata.deletionTimestamp !== undefined;
  if (found === undefined) return { state: 'succeeded', message: `${live.metadata.name} created` };
  const deleted = `hook ${resourceTitle(step.key)} was deleted before it ended`;
  const message = found.message ?? '';
  if (found.status === 'Degraded' || found.status === 'Unknown') {
    return {
      state: 'failed',
      message: message || (going ? deleted : `hook ${resourceTitle(step.key)} failed`),
    };
  }
  const running = found.status === 'Progressing' || found.status === 'Suspended';
  if (!running) return { state: 'succeeded', message };
  return going ? { state: 'failed', message: deleted } : { state: 'waiting', message };
}

/** A step and its state, as a wait looks at them. */
export type SteppedState = { readonly step: PlanStep; readonly state: StepState };

/** Kinds of the waits for a group that was written; it has one of them at a time. */
export const settleKinds = ['settle', 'hook', 'deletion'] as const;

/** What steps that wait are waited for as: deletions count only where nothing else is left, hooks before objects. */
export function settleKindOf(waiting: readonly PlanStep[]): (typeof settleKinds)[number] {
  if (waiting.some(({ action }) => action === 'create-hook')) return 'hook';
  return waiting.every(({ action }) => action === 'prune') ? 'deletion' : 'settle';
}

/** Why an operation waits, in the reference's words; empty when nothing waits. */
export function waitReason(states: readonly SteppedState[]): string {
  const waiting = states.filter(({ state }) => state.state === 'waiting').map(({ step }) => step);
  const kind = settleKindOf(waiting);
  if (kind === 'deletion') return sentence('deletion of', waiting, 'resources') + held(states);
  const running = waiting.filter((step) => step.action !== 'prune');
  if (kind === 'settle') return sentence('healthy state of', running, 'resources');
  const hooks = running.filter((step) => step.action === 'create-hook');
  const ordered = [...hooks, ...running.filter((step) => step.action !== 'create-hook')];
  return sentence('completion of hook', ordered, hooks.length === running.length ? 'hooks' : 'resources');
}

/** What holds the first objects that are being deleted and don't go. */
function held(states: readonly SteppedState[]): string {
  const waiting = states.filter(({ state }) => state.state === 'waiting');
  const words = waiting.flatMap(({ step, state }) => {
    if (!state.message.startsWith(`${pendingDeletion}, `)) return [];
    const holders = state.message.slice(pendingDeletion.length + 2);
    return [waiting.length === 1 ? holders : `${resourceTitle(step.key)} is ${holders}`];
  });
  return words.length === 0 ? '' : `: ${someOf(words, shownHeld, { by: '; ' })}`;
}

const shownHeld = 3;

/** Why a group has failed: what is wrong with its first objects, and how many more there are. */
export function failureReason(failed: readonly SteppedState[]): string {
  const reasons = failed.map(({ step, state }) => `${formatKey(step.key)}: ${state.message}`);
  return someOf(reasons, shownFailures, { by: '; ' });
}

const shownFailures = 3;

function sentence(reason: string, steps: readonly PlanStep[], word: string): string {
  return steps.length === 0 ? '' : `waiting for ${reason} ${stepTitles(steps, word)}`;
}
