import { type ResourceKey, sameKey } from '../../core/object/key.ts';
import type { Database } from '../../db/client.ts';
import { listOperations } from '../../db/queries/operation/operation.ts';
import { latestPlan, stepResultsOf } from '../../db/queries/operation/plan.ts';

/** An object that was written, by the version that it was written in. */
export type WrittenNode = { readonly uid: string; readonly version: string };

/**
 * An object that the newest operation of an application has written. The tree is stored by the comparison that follows a
 * write, so whoever waits for a sync and asks for its objects at once would be told that they are nobody's.
 */
export async function findWritten(
  db: Database,
  applicationId: string,
  key: ResourceKey,
): Promise<WrittenNode | undefined> {
  const [operation] = await listOperations(db, applicationId, 1);
  const plan = operation && (await latestPlan(db, operation.id));
  const steps = plan?.plan.steps.filter((step) => step.action !== 'prune' && sameKey(step.key, key)) ?? [];
  if (plan === undefined || steps.length === 0) return undefined;
  const results = await stepResultsOf(db, plan);
  for (const { step, apiVersion } of steps) {
    const uid = results.find((result) => result.step === step && result.status === 'Synced')?.uid;
    if (uid != null) return { uid, version: apiVersion.split('/').at(-1) ?? '' };
  }
  return undefined;
}
