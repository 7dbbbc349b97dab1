import { type AutoSyncDecision, heldSyncCondition } from '../../../core/application/automation/autosync.ts';
import type { FoundCondition } from '../../../core/application/conditions.ts';
import type { KeelsonError } from '../../../core/errors.ts';
import type { Issue } from '../../../core/issue.ts';
import { noEffectWarning } from '../../../core/no-effect/application.ts';
import { strangerWarning } from '../../../core/sync/installation/stranger.ts';
import { desiredFindings } from '../../../core/sync/plan/desired-set.ts';
import type { ApplicationRow } from '../../../db/queries/application/application.ts';
import type { Observation } from '../../../db/queries/application/observed.ts';
import type { RenderRow } from '../../../db/queries/application/render.ts';

/** Type of the conditions that name objects which the project keeps the application from. */
export const refusedWarning = 'ProjectWarning';

/** Type of the condition that says how many objects of no application stand in the namespace. */
export const orphanedWarning = 'OrphanedResourceWarning';

/** Type of the conditions that say what the project has against the application as a whole. */
export const invalidSpecError = 'InvalidSpecError';

/** Conditions that only a comparison writes; those of other types belong to others. */
const types = [
  ...desiredFindings,
  'ComparisonError',
  'ComparisonWarning',
  invalidSpecError,
  noEffectWarning,
  orphanedWarning,
  refusedWarning,
  'RenderWarning',
  'SharedResourceWarning',
  'SyncError',
  heldSyncCondition,
  strangerWarning,
] as const;

/** What a comparison has to say about an application, beside the state of its objects. */
export function comparedConditions(
  application: Pick<ApplicationRow, 'renderError'>,
  render: Pick<RenderRow, 'warnings'> | undefined,
  findings: readonly FoundCondition[],
  decision: AutoSyncDecision | undefined,
): Observation['conditions'] {
  const found: FoundCondition[] = [...findings, ...loadFailure(application)];
  for (const message of render?.warnings ?? []) found.push({ type: 'RenderWarning', message });
  // What stops automated syncs is worth a condition, but not that there is nothing to do.
  if (decision?.action === 'none' && decision.condition) {
    found.push({ type: 'SyncError', message: decision.reason });
  }
  if (decision?.action === 'held') {
    const { revision, closure } = decision;
    const message = `automated sync to ${revision} waits for sync windows: ${closure.message}`;
    found.push({ type: heldSyncCondition, message });
  }
  return { types, found };
}

/** What is said while the comparison itself fails; warnings of earlier comparisons stay. */
export function failedConditions(
  application: Pick<ApplicationRow, 'renderError'>,
  error: KeelsonError,
): Observation['conditions'] {
  const found = [...loadFailure(application), { type: 'ComparisonError', message: error.message }];
  return { types: ['ComparisonError'], found };
}

/** What is said while the project has something against the application; nothing else is known then. */
export function invalidConditions(issues: readonly Issue[]): Observation['conditions'] {
  const found = issues.map(({ message }) => ({ type: invalidSpecError, message }));
  return { types: ['ComparisonError', invalidSpecError, 'SyncError'], found };
}

function loadFailure({ renderError }: Pick<ApplicationRow, 'renderError'>): FoundCondition[] {
  return renderError === null
    ? []
    : [{ type: 'ComparisonError', message: `Failed to load target state: ${renderError}` }];
}
