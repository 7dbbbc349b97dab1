import { ActivityFailure, continueAsNew, isCancellation, sleep } from '@temporalio/workflow';
import { lease } from './proxies.ts';

/**
 * Keeps a session on one cluster for as long as the cluster is registered: the lease activity holds the live
 * cache; when it ends, by age or by failure, the next host takes it.
 */
export async function clusterSession(input: { readonly clusterId: string }): Promise<void> {
  try {
    const { registered } = await lease.holdCluster(input);
    if (!registered) return;
  } catch (error) {
    if (isCancellation(error)) throw error;
    if (!(error instanceof ActivityFailure)) throw error;
    await sleep('1 second');
  }
  await continueAsNew<typeof clusterSession>(input);
}
