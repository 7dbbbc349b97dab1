/**
 * Order of two resource versions of one cluster: negative, zero or positive. API servers issue them as growing
 * decimal numbers; undefined where one is something else and only equality means anything.
 */
export function compareVersions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!/^\d+$/.test(a) || !/^\d+$/.test(b)) return undefined;
  const [left, right] = [BigInt(a), BigInt(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
