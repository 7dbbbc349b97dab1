import { conditionOf, textAt } from '../object/field.ts';
import type { Manifest } from '../object/manifest.ts';
import { health, type ObjectHealth } from './health.ts';

/**
 * A Job is judged by the conditions it has. The status of Failed and Complete is not looked at, and a Suspended
 * condition that turned false counts as done: dashboards rely on these words, so they are kept.
 */
export function assessJob(live: Manifest): ObjectHealth {
  const failed = conditionOf(live, 'Failed');
  if (failed !== undefined) return health('Degraded', textAt(failed, 'message'));
  const suspended = conditionOf(live, 'Suspended');
  if (textAt(suspended, 'status') === 'True') return health('Suspended', textAt(suspended, 'message'));
  const complete = conditionOf(live, 'Complete');
  if (complete !== undefined) return health('Healthy', textAt(complete, 'message'));
  if (suspended !== undefined) return health('Healthy', textAt(suspended, 'message'));
  return health('Progressing');
}
