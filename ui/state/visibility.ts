/** A tab that stays hidden longer than this gives its stream back. */
const hiddenMs = 10_000;

/** Resolves as soon as the page can be seen, or is given up. */
export function untilVisible(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      signal.removeEventListener('abort', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look);
  });
}

/**
 * A signal that also ends when the page has been hidden for a while. Browsers open six connections to a server over
 * HTTP/1.1: a handful of forgotten tabs with streams would leave none for the tab in front.
 */
export function whileVisible(signal: AbortSignal): {
  readonly signal: AbortSignal;
  readonly stop: () => void;
} {
  const end = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => end.abort(), hiddenMs);
  };
  document.addEventListener('visibilitychange', look);
  const stop = () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
  return { signal: AbortSignal.any([signal, end.signal]), stop };
}
