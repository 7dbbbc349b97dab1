import type { AutomatedSync, SyncPolicy } from '../spec/sync-policy.ts';

/** How an application syncs by itself; undefined where it does not. The block turns it on unless it says otherwise. */
export function automationOf(policy: Pick<SyncPolicy, 'automated'> | undefined): AutomatedSync | undefined {
  return policy?.automated?.enabled === false ? undefined : policy?.automated;
}
