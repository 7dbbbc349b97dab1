import { formatKey, type ResourceKey } from '../../../../core/object/key.ts';
import type { Progress, StepProgress } from '../../../../core/sync/progress.ts';
import { type Advice, adviceFor } from './remedy.ts';

/** Objects that failed for one cause, which is told once. */
export type FailedObjects = Advice & { readonly objects: readonly string[] };

/** A message without its object, which stands above it and would only push the cause out of sight. */
function causeOf(key: ResourceKey, message: string): string {
  return message.replace(`${formatKey(key)}: `, '');
}

/** The steps that failed, in the order of the plan. */
export function failedSteps({ groups, failureGroups }: Progress): readonly StepProgress[] {
  return [...groups, ...failureGroups]
    .flatMap(({ steps }) => steps)
    .filter(({ state }) => state === 'failed');
}

/** Whether a text quotes the failures of objects, beside which it would say everything twice. */
export function quotesFailures(failed: readonly StepProgress[], text: string): boolean {
  return failed.some(({ message, key }) => message && text.includes(causeOf(key, message)));
}

/** Failed steps by their cause, in the order in which each cause came first. */
export function failedObjects(failed: readonly StepProgress[]): readonly FailedObjects[] {
  const groups = new Map<string, { advice: Advice; objects: string[] }>();
  for (const step of failed) {
    const object = formatKey(step.key);
    const message = step.message || 'failed without a message; look at the object in the cluster';
    const cause = causeOf(step.key, message);
    const group = groups.get(cause) ?? { advice: adviceFor(cause), objects: [] };
    group.objects.push(step.hook ? `${object} (${step.phase} hook)` : object);
    groups.set(cause, group);
  }
  return [...groups.values()].map(({ advice, objects }) => ({ ...advice, objects }));
}
