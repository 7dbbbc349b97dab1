import type { ResourceKey } from '../../object/key.ts';
import { someOf } from '../../text/some-of.ts';
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
  const causes = [...titles].map(([cause, of]) => [titleList([...of]), cause].join(''));
  return someOf(causes, most, { by: '; ' });
}

function titleList(titles: readonly string[]): string {
  return titles.length === 0 ? '' : `${someOf(titles, titlesShown)}: `;
}

/** The first of some steps and how many more there are: `apps/Deployment/web and 2 more resources`. */
export function stepTitles(steps: readonly PlanStep[], word: string): string {
  const titles = someOf(
    steps.map(({ key }) => resourceTitle(key)),
    1,
  );
  return steps.length > 1 ? `${titles} ${word}` : titles;
}
