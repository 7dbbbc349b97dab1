import { assertNever } from '../../core/errors.ts';
import type { PlanStep } from '../../core/sync/plan/plan.ts';
import { applyStep } from './apply.ts';
import { createHook } from './hooks.ts';
import { createNamespace } from './namespace.ts';
import { pruneObject, skipPrune } from './prune.ts';
import type { StepRunner } from './step.ts';

/** How a step is carried out. */
export function runnerOf({ action }: Pick<PlanStep, 'action'>): StepRunner {
  switch (action) {
    case 'apply':
      return applyStep;
    case 'create-hook':
      return createHook;
    case 'create-namespace':
      return createNamespace;
    case 'prune':
      return pruneObject;
    case 'skip-prune':
      return skipPrune;
    default:
      return assertNever(action);
  }
}
