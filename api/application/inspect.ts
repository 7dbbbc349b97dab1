import { KeelsonError } from '../../core/errors.ts';
import type { InspectionKind, InspectionRequest, Inspections } from '../../core/repository/inspection.ts';
import type { ApiContext } from '../context.ts';

/** A first look at a large repository fetches it. */
const defaultSeconds = 90;

/** Asks a worker about a source; throws what the worker says against it. */
export async function inspect<Kind extends InspectionKind>(
  c: ApiContext,
  request: InspectionRequest<Kind>,
  deadlineSeconds = defaultSeconds,
): Promise<Inspections[Kind]['reply']> {
  const { reply, failure } = await c.var.deps.engine.inspect<Kind>(request, deadlineSeconds);
  if (failure === undefined) return reply;
  throw new KeelsonError(failure.code, failure.message, { retryable: failure.retryable });
}

/**
 * Asks a worker about an address that the caller names. As for a connection test, what speaks against reading it is a
 * fault of that address, whatever the reason, and none of this server.
 */
export async function inspectNamed<Kind extends InspectionKind>(
  c: ApiContext,
  request: InspectionRequest<Kind>,
): Promise<Inspections[Kind]['reply']> {
  try {
    return await inspect(c, request);
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.code !== 'source-unreachable') throw error;
    throw new KeelsonError('precondition-failed', error.message, { cause: error });
  }
}
