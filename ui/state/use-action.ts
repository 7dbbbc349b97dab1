import { useState } from 'react';
import type { Issue } from '../../core/issue.ts';
import { ApiError, messageOf } from '../api-error.ts';

/** Why an action failed: a sentence, and each single problem when the server lists them. */
export type ActionFailure = { readonly message: string; readonly issues: readonly Issue[] };

/** Runs one request at a time for a button or form and keeps its failure to be shown. */
export function useAction() {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ActionFailure>();
  const run = async (action: () => Promise<void>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await action();
    } catch (error) {
      const issues = error instanceof ApiError ? error.issues : [];
      setFailure({ message: messageOf(error), issues });
    } finally {
      setBusy(false);
    }
  };
  return { busy, failure, run, fail: setFailure };
}
