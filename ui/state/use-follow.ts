import { useEffect, useState } from 'react';
import { ApiError, messageOf } from '../api-error.ts';
import { readStream } from '../stream.ts';

/** How current a followed page is. */
export type Freshness = {
  readonly state: 'connecting' | 'live' | 'lost';
  /** When the stream was lost, in milliseconds since 1970. */
  readonly since?: number;
  readonly error?: string;
};

type Follow<T> = {
  /** Fetches the present state and names the stream that continues it. */
  readonly start: (signal: AbortSignal) => Promise<string>;
  readonly batch: (messages: readonly T[]) => void;
  /** The present state cannot be had: not found, forbidden. Following ends. */
  readonly refused: (error: ApiError) => void;
};

const reconnectMs = 500;
const longestReconnectMs = 5_000;

/** Keeps a page current: fetch, follow the stream, and start over when it is lost. */
export function useFollow<T>(key: string, follow: Follow<T>): Freshness {
  const [freshness, setFreshness] = useState<Freshness>({ state: 'connecting' });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says what is followed, not the closure
  useEffect(() => {
    const abort = new AbortController();
    void followUntil(abort.signal, follow, setFreshness);
    return () => abort.abort();
  }, [key]);
  return freshness;
}

async function followUntil<T>(
  signal: AbortSignal,
  follow: Follow<T>,
  report: (change: (last: Freshness) => Freshness) => void,
): Promise<void> {
  let wait = reconnectMs;
  while (!signal.aborted) {
    try {
      const url = await follow.start(signal);
      await readStream<T>(url, signal, {
        open: () => {
          wait = reconnectMs;
          report(() => ({ state: 'live' }));
        },
        batch: (messages) => {
          if (!signal.aborted) follow.batch(messages);
        },
      });
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && isFinal(error)) return follow.refused(error);
      const text = error instanceof ApiError ? error.message : undefined;
      report((last) => lost(last, text));
    }
    await pause(wait, signal);
    wait = Math.min(wait * 2, longestReconnectMs);
  }
}

function isFinal(error: ApiError): boolean {
  return error.status >= 400 && error.status < 500 && error.status !== 429;
}

function lost(last: Freshness, error: string | undefined): Freshness {
  const since = last.state === 'lost' ? last.since : Date.now();
  return {
    state: 'lost',
    ...(since === undefined ? {} : { since }),
    ...(error === undefined ? {} : { error: messageOf(error) }),
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
