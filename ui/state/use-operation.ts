import { useEffect, useState } from 'react';
import { isFinished } from '../../core/sync/operation/operation.ts';
import type { OperationView } from '../../core/wire/operation.ts';
import { getOperation, listOperations } from '../api.ts';
import { messageOf } from '../api-error.ts';

const followMs = 1_000;

export type FollowedOperation = {
  readonly operation: OperationView | undefined;
  readonly error: string | undefined;
};

/**
 * One operation with its steps: the named one, else the newest. Fetched again when `version` changes (the
 * application's resource version) and every second while it runs; an idle page asks for nothing.
 */
export function useOperation(
  name: string,
  version: string | undefined,
  id: string | undefined,
): FollowedOperation {
  const [operation, setOperation] = useState<OperationView>();
  const [error, setError] = useState<string>();
  const running = operation !== undefined && !isFinished(operation.phase);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version of the application is the reason to ask
  useEffect(() => {
    const abort = new AbortController();
    const load = async () => {
      try {
        const next = await findOperation(name, id, abort.signal);
        if (abort.signal.aborted) return;
        setOperation(next);
        setError(undefined);
      } catch (cause) {
        if (!abort.signal.aborted) setError(messageOf(cause));
      }
    };
    void load();
    const timer = running ? setInterval(() => void load(), followMs) : undefined;
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [name, version, id, running]);
  return { operation, error };
}

async function findOperation(
  name: string,
  id: string | undefined,
  signal: AbortSignal,
): Promise<OperationView | undefined> {
  if (id !== undefined) return getOperation(name, id, signal);
  const newest = (await listOperations(name, 1, signal)).items?.[0];
  return newest === undefined ? undefined : getOperation(name, newest.id, signal);
}
