import { shownRevisions } from '../../core/application/source/revisions.ts';
import type { OperationView } from '../../core/wire/operation.ts';

/** Who took over from a superseded operation: where it can be looked at, and what it is called as far as known. */
export type Successor = { readonly id: string; readonly text: string };

/** The successor of an operation, named by its kind and revision when it is among the known ones. */
export function successorOf(
  { supersededBy }: Pick<OperationView, 'supersededBy'>,
  known: readonly Pick<OperationView, 'id' | 'kind' | 'revision' | 'revisions'>[] = [],
): Successor | undefined {
  if (supersededBy === undefined) return undefined;
  const found = known.find(({ id }) => id === supersededBy);
  if (found === undefined) return { id: supersededBy, text: 'a newer operation' };
  if (found.kind === 'delete') return { id: supersededBy, text: 'the deletion' };
  const revision = shownRevisions(found);
  return { id: supersededBy, text: revision === undefined ? 'the sync' : `the sync to ${revision}` };
}
