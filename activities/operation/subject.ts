import { KeelsonError } from '../../core/errors.ts';
import type { Database } from '../../db/client.ts';
import { type ApplicationRow, getApplication } from '../../db/queries/application/application.ts';
import { getOperation, type OperationRow } from '../../db/queries/operation/operation.ts';

/** The operation that an activity works for, and its application. */
export type OperationSubject = { readonly operation: OperationRow; readonly application: ApplicationRow };

/** Reads an operation with its application; fails for one whose application was removed. */
export async function readOperation(
  db: Database,
  { applicationId, operationId }: { readonly applicationId: string; readonly operationId: string },
): Promise<OperationSubject> {
  const [operation, application] = await Promise.all([
    getOperation(db, operationId),
    getApplication(db, applicationId),
  ]);
  if (operation === undefined || application === undefined) {
    throw goneError(operationId);
  }
  return { operation, application };
}

/** The failure of what an operation is to do for an application that was removed. */
export function goneError(operationId: string): KeelsonError {
  return new KeelsonError('not-found', `application of operation ${operationId} is gone`);
}
