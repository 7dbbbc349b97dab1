import type { ResourceKey } from '../object/key.ts';
import type { PlanStep } from './plan.ts';

/** `apps/Deployment/web`; the group of core objects is empty and its slash stays: `/Service/web`. */
export function resourceTitle(key: ResourceKey): string {
  return `${key.group}/${key.kind}/${key.name}`;
}

/** The first of some steps and how many more there are: `apps/Deployment/web and 2 more resources`. */
export function stepTitles(steps: readonly PlanStep[], word: string): string {
  const [first] = steps;
  if (first === undefined) return '';
  return resourceTitle(first.key) + (steps.length > 1 ? ` and ${steps.length - 1} more ${word}` : '');
}
