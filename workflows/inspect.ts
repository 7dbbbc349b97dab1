import type { InspectionOutcome, InspectionRequest } from '../core/repository/inspection.ts';
import { inquire } from './proxies.ts';

/** Asks a worker about a source: the API has neither Git nor the tools that render. */
export async function inspectSource(request: InspectionRequest): Promise<InspectionOutcome> {
  return await inquire.inspectSource(request);
}
