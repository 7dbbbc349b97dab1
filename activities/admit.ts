import { getOperation } from '../db/queries/operation.ts';
import { admit } from '../db/queries/operation-life.ts';
import type { AttemptRef, OperationInput } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';

export type Admission =
  | { readonly state: 'ended' }
  | { readonly state: 'admitted'; readonly attempt: number; readonly terminating: boolean };

export function admitActivities(deps: Deps) {
  return {
    /** Starts a requested operation, or takes a started one up again after a crash. */
    async admitOperation(input: OperationInput): Promise<Admission> {
      const row = await admit(deps.db, input.operationId);
      return row === undefined
        ? { state: 'ended' }
        : { state: 'admitted', attempt: row.attempt, terminating: row.terminateRequestedAt !== null };
    },

    /** Whether somebody has asked for the operation's end: the row is the truth, whatever signals arrived. */
    async readTermination(ref: AttemptRef): Promise<{ terminating: boolean }> {
      const row = await getOperation(deps.db, ref.operationId);
      return { terminating: row === undefined || row.terminateRequestedAt !== null };
    },
  };
}
