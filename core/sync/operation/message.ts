import type { ResourceKey } from '../../object/key.ts';
import type { PlanStep } from '../plan/plan.ts';

/** `apps/Deployment/web`; the group of core objects is empty and its slash stays: `/Service/web`. */
export function resourceTitle(key: ResourceKey): string {
  return `${key.group}/${key.kind}/${key.name}`;
}

/** What is said of a step at its end: how it ended, and what its write said besides, such as what it deleted. */
export function endedMessage(written: string, end: string): string {
  const [, ...notes] = written.split('; ');
  return [end, ...notes].join('; ');
}

const titlesShown = 3;

/**
 * Messages about objects, `apps/Deployment prod/web: cause; remedy`, as one text: objects with the same cause share it,
 * repeats are left out, and of more than `most` causes the rest is counted.
 */
export function joinCauses(messages: readonly string[], most: number): string {
  const titles = new Map<string, Set<string>>();
  for (const message of messages) {
    const at = message.indexOf(': ');
    const cause = message.slice(at === -1 ? 0 : at + 2);
    const of = titles.get(cause) ?? new Set();
    titles.set(cause, at === -1 ? of : of.add(message.slice(0, at)));
  }
  const shown = [...titles].slice(0, most).map(([cause, of]) => [titleList([...of]), cause].join(''));
  const more = titles.size > most ? `; and ${titles.size - most} more` : '';
  return shown.join('; ') + more;
}

function titleList(titles: readonly string[]): string {
  if (titles.length === 0) return '';
  const more = titles.length - titlesShown;
  return `${titles.slice(0, titlesShown).join(', ')}${more > 0 ? ` and ${more} more` : ''}: `;
}

/** The first of some steps and how many more there are: `apps/Deployment/web and 2 more resources`. */
export function stepTitles(steps: readonly PlanStep[], word: string): string {
  const [first] = steps;
  if (first === undefined) return '';
  return resourceTitle(first.key) + (steps.length > 1 ? ` and ${steps.length - 1} more ${word}` : '');
}
