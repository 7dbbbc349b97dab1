import { useCallback, useEffect, useState } from 'react';
import { messageOf } from '../api-error.ts';

/** Something being fetched: what is known so far, and why it may not be the newest. */
export type Loaded<T> = {
  readonly value: T | undefined;
  readonly error: string | undefined;
  readonly reload: () => void;
};

/**
 * Fetches when the page opens and whenever `key` changes. The last good value stays while a newer one is on its
 * way and when it fails, so a page never goes blank because of one lost reply. A key of undefined fetches nothing.
 */
export function useLoad<T>(
  key: string | undefined,
  fetchValue: (signal: AbortSignal) => Promise<T>,
): Loaded<T> {
  const [state, setState] = useState<{ value?: T; error?: string }>({});
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key and the round say when to fetch, not the closure
  useEffect(() => {
    if (key === undefined) return;
    const abort = new AbortController();
    fetchValue(abort.signal).then(
      (value) => {
        if (!abort.signal.aborted) setState({ value });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setState((last) => ({ ...last, error: messageOf(error) }));
      },
    );
    return () => abort.abort();
  }, [key, round]);
  const reload = useCallback(() => setRound((last) => last + 1), []);
  return { value: state.value, error: state.error, reload };
}
