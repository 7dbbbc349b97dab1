import { useEffect, useState } from 'react';
import { isFinished } from '../../core/sync/operation/operation.ts';
import type { OperationView } from '../../core/wire/operation.ts';

/**
 * Whether an operation should stay in view: one that ran while the page was open is kept when it ends, so that its
 * last step doesn't vanish under the reader, and so is one that went wrong; until it is put away. `busy` says that
 * the application has an unfinished operation, which is known before the operation itself has been fetched.
 */
export function useWatched(
  operation: OperationView | undefined,
  busy: boolean,
): { readonly watched: boolean; readonly putAway: () => void } {
  const [seen, setSeen] = useState<string>();
  const [away, setAway] = useState<string>();
  const [before, setBefore] = useState<{ readonly id: string | undefined }>();
  const running = operation !== undefined && !isFinished(operation.phase);
  const id = operation?.id;
  useEffect(() => {
    if (running) setSeen(id);
    else if (busy) setBefore((last) => last ?? { id });
  }, [running, busy, id]);
  if (operation === undefined) return { watched: false, putAway: () => undefined };
  const wrong = operation.phase === 'Failed' || operation.phase === 'Error';
  const ran = seen === operation.id || (before !== undefined && before.id !== operation.id);
  const watched = running || ((wrong || ran) && away !== operation.id);
  return { watched, putAway: () => setAway(operation.id) };
}
