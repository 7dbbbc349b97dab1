import type { ResourceKey } from '../../object/key.ts';
import { definedKind, kindId } from '../../object/manifest/definition.ts';
import { compareSteps } from './order.ts';
import type { Task } from './task.ts';

/** Puts tasks in order; what others live in or are made of comes before the first of them. */
export function orderTasks(tasks: readonly Task[]): Task[] {
  return liftDefinitions(liftNamespaces([...tasks].sort(compareSteps)));
}

function liftNamespaces(tasks: readonly Task[]): Task[] {
  const isNamespace = (key: ResourceKey): boolean => key.group === '' && key.kind === 'Namespace';
  return lift(
    tasks,
    ({ key }) => (isNamespace(key) ? key.name : undefined),
    ({ key }) => key.namespace || undefined,
  );
}

function liftDefinitions(tasks: readonly Task[]): Task[] {
  return lift(
    tasks,
    ({ manifest }) => {
      const defined = manifest === undefined ? undefined : definedKind(manifest);
      return defined === undefined ? undefined : kindId(defined);
    },
    ({ key }) => kindId(key),
  );
}

/**
 * Moves an object that others depend on in front of the first of them. It takes over the phase and wave of that
 * first user, because a user in an earlier wave could not be written without it.
 */
function lift(
  tasks: readonly Task[],
  provides: (task: Task) => string | undefined,
  needs: (task: Task) => string | undefined,
): Task[] {
  const result: Task[] = [];
  const firstUser = new Map<string, Task>();
  // A hook that runs in several phases provides its object more than once; only the first one is needed early.
  const present = new Set<string>();
  for (const task of tasks) {
    if (task.manifest === undefined) {
      result.push(task);
      continue;
    }
    const provided = provides(task);
    const user = provided === undefined || present.has(provided) ? undefined : firstUser.get(provided);
    if (provided !== undefined) present.add(provided);
    if (user !== undefined) {
      result.splice(result.indexOf(user), 0, { ...task, phase: user.phase, wave: user.wave });
      continue;
    }
    result.push(task);
    const needed = provided === undefined ? needs(task) : undefined;
    if (needed !== undefined && !firstUser.has(needed)) firstUser.set(needed, task);
  }
  return result;
}
