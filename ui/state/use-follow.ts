import { useEffect, useState } from 'react';
import { ApiError } from '../api-error.ts';
import { readStream } from '../stream.ts';
import { untilVisible, whileVisible } from './visibility.ts';

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

type Report = (change: (last: Freshness) => Freshness) => void;

async function followUntil<T>(signal: AbortSignal, follow: Follow<T>, report: Report): Promise<void> {
  let wait = reconnectMs;
  const opened = () => {
    wait = reconnectMs;
    report(() => ({ state: 'live' }));
  };
  while (!signal.aborted) {
    await untilVisible(signal);
    const end = await followOnce(signal, follow, opened);
    if (end.type === 'hidden') continue;
    if (end.type === 'refused') return follow.refused(end.error);
    if (end.type === 'lost') report((last) => lost(last, end.reason));
    await pause(wait, signal);
    wait = Math.min(wait * 2, longestReconnectMs);
  }
}

/** How one connection ended: as the server does when it restarts or a token expires, by trouble, or by us. */
type End =
  | { readonly type: 'closed' | 'hidden' }
  | { readonly type: 'refused'; readonly error: ApiError }
  | { readonly type: 'lost'; readonly reason: string | undefined };

async function followOnce<T>(signal: AbortSignal, follow: Follow<T>, opened: () => void): Promise<End> {
  const shown = whileVisible(signal);
  try {
    const url = await follow.start(shown.signal);
    const batch = (messages: readonly T[]) => {
      if (!signal.aborted) follow.batch(messages);
    };
    await readStream<T>(url, shown.signal, { open: opened, batch });
    return { type: 'closed' };
  } catch (error) {
    if (shown.signal.aborted) return { type: 'hidden' };
    if (!(error instanceof ApiError)) return { type: 'lost', reason: undefined };
    return isFinal(error) ? { type: 'refused', error } : { type: 'lost', reason: error.message };
  } finally {
    shown.stop();
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
    ...(error === undefined ? {} : { error }),
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
