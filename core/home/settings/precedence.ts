/** By what several objects for one address are told apart. */
export type Rival = { readonly name: string; readonly createdAt: string; readonly usable: boolean };

/**
 * Several objects for one address in the order in which they count: the one that was there first, and of those of one
 * moment the one whose name comes first. The reference takes any of them, another one after its next start.
 */
export function inPrecedence<One extends Rival>(rivals: readonly One[]): One[] {
  return [...rivals].sort(
    (left, right) =>
      Number(right.usable) - Number(left.usable) ||
      Date.parse(left.createdAt) - Date.parse(right.createdAt) ||
      (left.name < right.name ? -1 : 1),
  );
}
