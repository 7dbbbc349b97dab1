import type { ResourceKey } from '../object/key.ts';
import type { SelectedResource } from './operation.ts';

/** Whether a request covers an object; a request that names none covers all. */
export function isSelected(key: ResourceKey, selected: readonly SelectedResource[]): boolean {
  if (selected.length === 0) return true;
  return selected.some(
    (wanted) =>
      wanted.group === key.group &&
      wanted.kind === key.kind &&
      wanted.name === key.name &&
      (!wanted.namespace || wanted.namespace === key.namespace),
  );
}
