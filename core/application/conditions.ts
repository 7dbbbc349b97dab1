import { restOf } from '../text/some-of.ts';
import type { Condition } from './status.ts';

/** What a writer says now; the time at which it came to hold is kept by the record. */
export type FoundCondition = Pick<Condition, 'type' | 'message'>;

/** Conditions of one type that are listed; the rest of them is counted. */
const mostOfType = 30;

/**
 * The conditions of an application after a writer has looked again. It replaces those of its own types and leaves
 * all others alone; a condition whose type and message stand keeps the time at which it came.
 */
export function replaceConditions(
  before: readonly Condition[],
  written: { readonly types: readonly string[]; readonly found: readonly FoundCondition[] },
  now: string,
): Condition[] {
  const others = before.filter(({ type }) => !written.types.includes(type));
  const known = new Map(before.map((condition) => [idOf(condition), condition]));
  const found = new Map(limit(written.found).map((condition) => [idOf(condition), condition]));
  const own = [...found].map(
    ([id, { type, message }]): Condition => known.get(id) ?? { type, message, lastTransitionTime: now },
  );
  return [...others, ...own].sort((a, b) => compareText(a.type, b.type) || compareText(a.message, b.message));
}

function limit(found: readonly FoundCondition[]): FoundCondition[] {
  const byType = Map.groupBy(found, ({ type }) => type);
  return [...byType].flatMap(([type, all]) =>
    all.length <= mostOfType
      ? all
      : [...all.slice(0, mostOfType), { type, message: restOf(all.length - mostOfType) }],
  );
}

function idOf({ type, message }: FoundCondition): string {
  return `${type}\n${message}`;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
