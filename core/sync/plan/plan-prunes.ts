import type { ResourceKey } from '../../object/key.ts';
import { keyId } from '../../object/key.ts';
import { isSelected } from '../operation/selection.ts';
import { isHook, isSkipHook } from '../options/hook.ts';
import {
  isPrunedLast,
  keptByChoice,
  type PruneChoice,
  pruneChoice,
  type SyncOptions,
} from '../options/options.ts';
import { mirrorWaves, waveOf } from '../options/wave.ts';
import { whyNotOurs } from '../walk/judge-delete.ts';
import type { PlanStep } from './plan.ts';
import type { LiveObject, PlanInput } from './plan-input.ts';
import type { Task } from './task.ts';

/** A deletion that has no place yet. */
export type Prune = { readonly task: Task; readonly last: boolean };

/** The live objects that are ours and that no longer stand in the source. */
export function pruneTasks(
  wantedKeys: readonly ResourceKey[],
  input: PlanInput,
  options: SyncOptions,
): Prune[] {
  const wanted = new Set(wantedKeys.map(keyId));
  const prunes: Prune[] = [];
  for (const live of input.live) {
    if (wanted.has(keyId(live.key)) || !isPrunable(live, input)) continue;
    const note = pruneNote(live, input, options);
    const goes = note === undefined && !input.request.dryRun;
    prunes.push({
      last: isPrunedLast(live, options),
      task: {
        phase: 'Sync',
        wave: waveOf(live),
        action: note === undefined ? 'prune' : 'skip-prune',
        apiVersion: live.apiVersion,
        key: live.key,
        propagationPolicy: options.propagationPolicy,
        changed: true,
        uid: live.uid,
        ...(goes ? questionOf(live, pruneChoice(live, options)) : {}),
        ...(note === undefined ? {} : { note }),
      },
    });
  }
  return prunes;
}

/** Whether somebody is asked before an object goes: where it wants that, or where it may be somebody else's. */
export function questionOf(
  { stranger }: Pick<LiveObject, 'stranger'>,
  choice: PruneChoice,
): Pick<PlanStep, 'needsApproval' | 'stranger'> {
  if (stranger === true) return { needsApproval: true, stranger: true };
  return choice === 'confirm' ? { needsApproval: true } : {};
}

/** Only an ordinary object that says itself that it is ours, and that nothing else owns, may go. */
function isPrunable(live: LiveObject, input: PlanInput): boolean {
  return (
    whyNotOurs(live, input.application, live.formerlyTracked) === undefined &&
    !isHook(live) &&
    !isSkipHook(live) &&
    isSelected(live.key, input.request.resources)
  );
}

/** Why an object stays although it should go, in the reference's words; undefined when it goes. */
function pruneNote(live: LiveObject, input: PlanInput, options: SyncOptions): string | undefined {
  // Asked first: whoever is told that something requires pruning asks for it, which changes nothing here.
  if (pruneChoice(live, options) === 'no') return keptByChoice;
  if (!input.request.prune) return 'ignored (requires pruning)';
  return input.untrusted === undefined ? undefined : `ignored (${input.untrusted})`;
}

/** Gives prunes their waves: mirrored, and those that go last behind every other wave of the Sync phase. */
export function schedulePrunes(prunes: readonly Prune[], applied: readonly Task[]): Task[] {
  const mirrored = mirrorWaves(prunes.map(({ task }) => task.wave));
  const placed = prunes.map(({ task, last }) => ({
    last,
    task: { ...task, wave: mirrored.get(task.wave) ?? task.wave },
  }));
  const waves = [...applied, ...placed.map(({ task }) => task)]
    .filter((task) => task.phase === 'Sync')
    .map((task) => task.wave);
  const lastWave = Math.max(0, ...waves) + 1;
  return placed.map(({ task, last }) => (last ? { ...task, wave: lastWave } : task));
}
