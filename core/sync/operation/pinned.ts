import type { SyncRequest } from './operation.ts';

/** Whether an attempt uses the render that its operation has pinned; a request may ask for the newest each time. */
export function isPinned(
  { renderId, request }: { readonly renderId: string | null; readonly request: Pick<SyncRequest, 'retry'> },
  attempt: number,
): boolean {
  return renderId !== null && !(request.retry.refresh && attempt > 1);
}
