import { totalmem } from 'node:os';
import { KeelsonError } from '../../core/errors.ts';
import { anySignal } from '../../core/waiting/any-signal.ts';
import type { Reporter } from '../reporter.ts';
import type { Artefact } from './artefact.ts';

/** Who hears of it, and what ends it early. */
export type ObtainOptions = {
  readonly reporter: Reporter;
  readonly signal?: AbortSignal;
  /** How many are obtained side by side. */
  readonly lanes?: number;
};

/** Linking the largest tool takes 2 GB and a compiler 1 GB: a small machine gets one build at a time. */
const memoryForTwo = 6_000_000_000;

/**
 * Makes everything in a list present: what is missing gets a number, and each line that is written begins with it.
 * Two are obtained side by side, since a linker uses one core and a download none. At a failure or when the signal
 * aborts, the others are stopped too, and the call ends only when all have.
 */
export async function obtainAll(artefacts: readonly Artefact[], options: ObtainOptions): Promise<void> {
  const { reporter } = options;
  const places = await Promise.all(artefacts.map((artefact) => artefact.find()));
  const missing = artefacts.filter((_, index) => places[index] === undefined);
  if (missing.length === 0) return;
  reporter.say(announcement(missing));

  const giveUp = new AbortController();
  const signal = anySignal([giveUp.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const board = progressBoard(reporter);
  const waiting = missing.map((artefact, index) => ({
    artefact,
    headline: `tool ${index + 1} of ${missing.length}: ${artefact.title}`,
  }));
  const busy = new Set<string>();

  const take = () => {
    const next = waiting.findIndex(({ artefact }) => !busy.has(artefact.family));
    return next < 0 ? undefined : waiting.splice(next, 1)[0];
  };
  /** Ends when nothing is left, or only what belongs to the families of other lanes, which take it in turn. */
  const work = async (): Promise<void> => {
    for (let next = take(); next !== undefined && !signal.aborted; next = take()) {
      const { artefact, headline } = next;
      busy.add(artefact.family);
      try {
        await obtainOne(artefact, headline, { signal, ...board.lineOf(headline) }, reporter);
      } catch (cause) {
        giveUp.abort(cause);
      } finally {
        board.lineOf(headline).end();
        busy.delete(artefact.family);
      }
    }
  };
  await Promise.all(Array.from({ length: options.lanes ?? usualLanes() }, work));
  signal.throwIfAborted();
}

function usualLanes(): number {
  return totalmem() < memoryForTwo ? 1 : 2;
}

async function obtainOne(
  artefact: Artefact,
  headline: string,
  how: Parameters<Artefact['obtain']>[0],
  reporter: Reporter,
): Promise<void> {
  try {
    await artefact.obtain(how);
  } catch (cause) {
    if (!artefact.optional || how.signal.aborted) throw cause;
    reporter.say(`${headline}: left out, ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function announcement(missing: readonly Artefact[]): string {
  const minutes = Math.ceil(missing.reduce((sum, { expectedSeconds }) => sum + expectedSeconds, 0) / 60);
  const count =
    missing.length === 1 ? 'one tool is missing and is' : `${missing.length} tools are missing and are`;
  return `${count} obtained now: downloads take a minute or two, builds with Go up to ${minutes} min, once`;
}

/** Shows what several lanes are at in one line. */
function progressBoard(reporter: Reporter) {
  const phrases = new Map<string, string>();
  return {
    lineOf: (headline: string) => ({
      say: (phrase: string): void => reporter.say(`${headline}: ${phrase}`),
      progress: (phrase: string): void => {
        phrases.set(headline, phrase);
        reporter.progress([...phrases].map(([head, text]) => `${head}: ${text}`).join(' | '));
      },
      end: (): void => void phrases.delete(headline),
    }),
  };
}

/** What is thrown where somebody ends the program while it obtains something. */
export function stoppedWhileObtaining(): KeelsonError {
  return new KeelsonError(
    'unavailable',
    'stopped before every tool was there; finished ones are kept, and the next start goes on with the others',
  );
}
