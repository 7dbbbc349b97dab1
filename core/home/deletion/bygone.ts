import type { Origin } from '../incarnation.ts';
import type { DeletionState } from './deletion-guard.ts';

/** What an object without a row is, whose deletion was seen before: nothing any more, one to be asked for, or alive. */
export type Bygone = 'gone' | 'doubtful' | 'alive';

/**
 * Tells whether an object's application has gone before it, by how far the object's deletion had come. One that was let go
 * and isn't being deleted has come back with a restored cluster, or is told of late: by an event or a list from before its
 * end, which waited while the store was away. Only a read of it tells.
 */
export function bygoneOf(state: DeletionState | undefined, isDeleted: boolean, origin: Origin): Bygone {
  if (state === 'closed') return 'gone';
  if (state !== 'released') return 'alive';
  if (isDeleted) return 'gone';
  return origin === 'read' ? 'alive' : 'doubtful';
}
