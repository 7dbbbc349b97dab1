import { skipReconcileAnnotation } from '../../object/annotations.ts';
import type { AutomatedSync, SyncPolicy } from '../spec/sync-policy.ts';

/** How an application syncs by itself; undefined where it does not. The block turns it on unless it says otherwise. */
export function automationOf(policy: Pick<SyncPolicy, 'automated'> | undefined): AutomatedSync | undefined {
  return policy?.automated?.enabled === false ? undefined : policy?.automated;
}

/** Whether somebody has said that an application is to be left alone: neither compared nor synced until they take it off. */
export function isPaused({
  annotations,
}: {
  readonly annotations: Readonly<Record<string, string>>;
}): boolean {
  return annotations[skipReconcileAnnotation] === 'true';
}
