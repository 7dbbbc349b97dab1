/**
 * Frames that wait for one reader. A newer frame under the same key replaces the one that waits, so a slow reader
 * costs at most one frame per key and always reads the newest state. One that falls behind by more than a bound is let
 * go: its stream ends, and the next one begins with the present state.
 */
export type Outbox = {
  put(key: string, frame: string): void;
  /** No more frames come; what waits is still read. */
  end(): void;
  /** The next frame; `'idle'` when none came in time, `'end'` when none will. */
  next(milliseconds: number): Promise<{ readonly frame: string } | 'idle' | 'end'>;
};

/** So many characters may wait beside what there was to tell at the beginning. */
const mostBehind = 32 * 1024 * 1024;

export function createOutbox(most = mostBehind): Outbox {
  const waiting = new Map<string, string>();
  let characters = 0;
  /** Unbounded until the reader comes: what it is told first is as much as there is. */
  let bound = Number.POSITIVE_INFINITY;
  let ended = false;
  let wake: (() => void) | undefined;

  const take = (): { frame: string } | undefined => {
    for (const [key, frame] of waiting) {
      waiting.delete(key);
      characters -= frame.length;
      return { frame };
    }
    return undefined;
  };

  return {
    put(key, frame) {
      if (ended) return;
      characters += frame.length - (waiting.get(key)?.length ?? 0);
      waiting.set(key, frame);
      if (characters > bound) {
        waiting.clear();
        characters = 0;
        ended = true;
      }
      wake?.();
    },
    end() {
      ended = true;
      wake?.();
    },
    async next(milliseconds) {
      if (bound === Number.POSITIVE_INFINITY) bound = characters + most;
      if (waiting.size === 0 && !ended) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      return take() ?? (ended ? 'end' : 'idle');
    },
  };
}
