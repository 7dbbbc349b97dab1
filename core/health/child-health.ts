import { healthStatuses } from '../application/words.ts';
import { textAt } from '../object/json/field.ts';
import { keyOf, type Manifest } from '../object/manifest/manifest.ts';
import { isSkipHook } from '../sync/options/hook.ts';
import { waveOf } from '../sync/options/wave.ts';
import { isApplication } from '../sync/walk/child-application.ts';
import { type HealthAssessor, health, type ObjectHealth } from './health.ts';

/**
 * Whether the health of child applications counts for a parent: where its objects come in waves and applications are among
 * them, since waves wait for health. In any other parent a child has none, as in the reference, so that one bad child
 * makes neither a tree of hundreds Degraded nor costs its parent a comparison.
 */
export function restoresChildHealth(desired: readonly Manifest[]): boolean {
  const objects = desired.filter((manifest) => !isSkipHook(manifest));
  return objects.some((manifest) => isApplication(keyOf(manifest))) && new Set(objects.map(waveOf)).size > 1;
}

/** An assessor that takes what an application's object says of itself, where no rule and no script speaks of the kind. */
export function withChildHealth(assess: HealthAssessor): HealthAssessor {
  return (live) => assess(live) ?? (isApplication(keyOf(live)) ? childHealth(live) : undefined);
}

/** What the status says; nothing yet is on its way, as nobody has looked at the application. */
function childHealth(live: Manifest): ObjectHealth {
  const word = textAt(live, 'status', 'health', 'status');
  const known = healthStatuses.find((status) => status === word);
  return health(known ?? 'Progressing', textAt(live, 'status', 'health', 'message'));
}
