/** What is known of something by asking for it. */
export type Presence = 'there' | 'missing' | 'unreadable';

/** What was found where an object that a complete list lacks was asked for by itself. */
export type Findings = {
  readonly object: Presence;
  /** A definition or namespace that is going counts as missing: its objects go with it. */
  readonly definition: Presence;
  readonly namespace: Presence;
};

/** What an object's absence means; undefined where it is there. Nothing unreadable counts as missing. */
export function judgeAbsence({
  object,
  definition,
  namespace,
}: Findings): 'Detached' | 'HomeClusterUnavailable' | undefined {
  if (object === 'there') return undefined;
  const isCertain = object === 'missing' && definition === 'there' && namespace === 'there';
  return isCertain ? 'Detached' : 'HomeClusterUnavailable';
}

/** What applications say while nobody can tell whether their objects are there. */
export function unavailableWords(reason: string): string {
  return `the home cluster can not tell what holds (${reason}); nothing is synced by itself`;
}

/** An application whose object is missing. */
export type Missing = { readonly id: string; readonly namespace: string; readonly since: number };

/** So many may be missing at once, or else less than half. */
const fewMissing = 6;

/**
 * The applications whose rows close now: missing for long enough, and few, both in their namespace and in all. `counts`
 * has the applications of each namespace that have an object or had one, the missing included.
 */
export function closableOf(
  missing: readonly Missing[],
  counts: ReadonlyMap<string, number>,
  closesAfterMilliseconds: number,
  now: number,
): string[] {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (!areFew(missing.length, total)) return [];
  const byNamespace = Map.groupBy(missing, ({ namespace }) => namespace);
  return [...byNamespace].flatMap(([namespace, all]) =>
    areFew(all.length, counts.get(namespace) ?? all.length)
      ? all.filter(({ since }) => now - since >= closesAfterMilliseconds).map(({ id }) => id)
      : [],
  );
}

function areFew(missing: number, of: number): boolean {
  return missing < fewMissing || missing * 2 < of;
}
