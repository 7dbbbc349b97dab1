import { useEffect, useState } from 'react';
import { isFinished, type OperationView } from '../../core/sync/operation.ts';

/**
 * Whether an operation should stay in view: one that was seen running is kept when it ends, so that its last step
 * doesn't vanish under the reader, and so is one that went wrong; until it is put away.
 */
export function useWatched(operation: OperationView | undefined): {
  readonly watched: boolean;
  readonly putAway: () => void;
} {
  const [seen, setSeen] = useState<string>();
  const [away, setAway] = useState<string>();
  const running = operation !== undefined && !isFinished(operation.phase);
  const id = operation?.id;
  useEffect(() => {
    if (running) setSeen(id);
  }, [running, id]);
  if (operation === undefined) return { watched: false, putAway: () => undefined };
  const wrong = operation.phase === 'Failed' || operation.phase === 'Error';
  const watched = running || ((wrong || seen === operation.id) && away !== operation.id);
  return { watched, putAway: () => setAway(operation.id) };
}
