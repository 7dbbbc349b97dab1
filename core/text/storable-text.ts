import { prototypeName } from '../own-field.ts';

/** Longest message that is kept: what people read of more than that is the end of a screen anyway. */
const longest = 8000;

/**
 * A text from outside as a message that can be stored: the database takes neither U+0000 nor half a surrogate pair, and
 * a refusal of the message would hide the refusal that it tells of.
 */
export function storableText(text: string): string {
  const whole = text.replaceAll('\u0000', '\uFFFD').toWellFormed();
  if (whole.length <= longest) return whole;
  // Cut between two characters, never inside one.
  const kept = whole.slice(0, longest).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept}... (${whole.length - kept.length} more characters)`;
}

/** Whether the database can hold a text as it is. */
export function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}

/** What nothing of ours can store in a value, by its path; undefined when all of it can be stored. */
export function unstorablePart(
  value: unknown,
): { readonly path: string; readonly fault: string } | undefined {
  const open: Part[] = [{ value, name: '', depth: 0 }];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const { value: inside, depth } = part;
    if (!isStorable(part.name) || (typeof inside === 'string' && !isStorable(inside)))
      return { path: pathOf(part), fault: unstorable };
    if (part.name === prototypeName && !isFree(part)) {
      return { path: pathOf(part), fault: 'is not allowed; rename it' };
    }
    if (depth > deepest)
      return { path: pathOf(part), fault: `is nested deeper than ${deepest} levels; flatten it` };
    if (typeof inside !== 'object' || inside === null) continue;
    for (const child of childrenOf(part, inside)) open.push(child);
  }
  return undefined;
}

/**
 * Fields of an application below which a name may be any, and the values of a JSON patch, whose result is looked at as a
 * whole; elsewhere a schema would drop that name without a word.
 */
const freeFields: ReadonlySet<string> = new Set(['valuesObject', 'map', 'value']);

function isFree({ parent }: Part): boolean {
  return parent !== undefined && (freeFields.has(parent.name) || isFree(parent));
}

function childrenOf(parent: Part, inside: object): Part[] {
  const isList = Array.isArray(inside);
  const children = Object.entries(inside).map(([key, value]) => {
    return { value, name: isList ? `[${key}]` : key, depth: parent.depth + 1, parent };
  });
  return children.reverse();
}

/** What is wrong with a text that can't be stored. */
export const unstorable =
  'holds the character U+0000 or half a surrogate pair, which nothing can store; take it out';

/** Far more than any object of Kubernetes; beyond it functions that call themselves come to their end. */
const deepest = 500;

type Part = {
  readonly value: unknown;
  readonly name: string;
  readonly depth: number;
  readonly parent?: Part;
};

function pathOf(part: Part): string {
  const names: string[] = [];
  for (let one: Part | undefined = part; one !== undefined; one = one.parent) names.unshift(one.name);
  const path = names
    .filter((name) => name !== '')
    .join('.')
    .replaceAll('.[', '[');
  return storableText(path.length > 200 ? `${path.slice(0, 200)}...` : path);
}
