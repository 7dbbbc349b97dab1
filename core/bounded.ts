/** Maps a list with at most `limit` calls under way at once; the results keep the order of the list. */
export async function mapBounded<T, R>(
  list: readonly T[],
  limit: number,
  map: (element: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = list.entries();
  const work = async (): Promise<void> => {
    for (const [position, element] of queue) results[position] = await map(element);
  };
  await Promise.all(Array.from({ length: Math.min(limit, list.length) }, work));
  return results;
}
