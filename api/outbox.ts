/**
 * Frames that wait for one reader. A newer frame under the same key replaces the one that waits, so a slow reader
 * costs at most one frame per key and always reads the newest state.
 */
export type Outbox = {
  put(key: string, frame: string): void;
  /** No more frames come; what waits is still read. */
  end(): void;
  /** The next frame; `'idle'` when none came in time, `'end'` when none will. */
  next(milliseconds: number): Promise<{ readonly frame: string } | 'idle' | 'end'>;
};

export function createOutbox(): Outbox {
  const waiting = new Map<string, string>();
  let ended = false;
  let wake: (() => void) | undefined;

  const take = (): { frame: string } | undefined => {
    for (const [key, frame] of waiting) {
      waiting.delete(key);
      return { frame };
    }
    return undefined;
  };

  return {
    put(key, frame) {
      if (ended) return;
      waiting.set(key, frame);
      wake?.();
    },
    end() {
      ended = true;
      wake?.();
    },
    async next(milliseconds) {
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
