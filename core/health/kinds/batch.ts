import { conditionOf, listAt, textAt, valueAt } from '../../object/json/field.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { health, type ObjectHealth } from '../health.ts';

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

/**
 * A CronJob is judged by its last run, and only once there was a success before it: its status cannot tell a
 * first run that failed from one that is still under way.
 */
export function assessCronJob(live: Manifest): ObjectHealth {
  // At rest as its spec asks: a wave that waited for it would wait for ever.
  if (valueAt(live, 'spec', 'suspend') === true)
    return health('Healthy', 'spec.suspend is true: no runs are started');
  if (valueAt(live, 'status') === undefined)
    return health('Progressing', 'waiting for the status of the CronJob');
  const scheduled = textAt(live, 'status', 'lastScheduleTime');
  if (scheduled === '') return health('Healthy', 'no run has been scheduled yet');
  const succeeded = textAt(live, 'status', 'lastSuccessfulTime');
  if (succeeded === '') return health('Healthy', 'no run has succeeded yet');
  if (listAt(live, 'status', 'active').length > 0) return health('Healthy', 'a run is under way');
  // Both are written in the same form, so that the texts sort as the times do.
  if (succeeded < scheduled) return health('Degraded', 'the last run has not succeeded');
  return health('Healthy', 'the last run has succeeded');
}
