import { conditionOf, numberAt, textAt } from '../../object/json/field.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { observed } from '../check.ts';
import { health, type ObjectHealth } from '../health.ts';

/**
 * A PodDisruptionBudget is healthy once its controller has counted its pods. That no pod may be disrupted at the moment
 * is what it is for: budgets that never allow it are in use, and a wave that waited for them would wait for ever.
 */
export function assessDisruptionBudget(live: Manifest): ObjectHealth {
  const stale = observed(live);
  if (stale !== undefined) return stale;
  const allowed = conditionOf(live, 'DisruptionAllowed');
  const message = textAt(allowed, 'message') || textAt(allowed, 'reason');
  if (textAt(allowed, 'reason') === 'SyncFailed') return health('Degraded', message);
  if (allowed !== undefined) return health('Healthy', message);
  // Before 1.22 it had no conditions, and wrote all of its counts at once.
  if (numberAt(live, 'status', 'expectedPods') !== undefined) return health('Healthy');
  return health('Progressing', 'waiting for the status of the PodDisruptionBudget');
}
