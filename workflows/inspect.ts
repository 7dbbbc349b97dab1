import type { InspectionOutcome, InspectionRequest } from '../core/repository/inspection.ts';
import { look } from './proxies.ts';

/** Asks a worker about a source: the API has neither Git nor the tools that render. */
export async function inspectSource(request: InspectionRequest): Promise<InspectionOutcome> {
  return await look.inspectSource(request);
}
