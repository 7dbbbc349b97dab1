import { ActivityFailure, continueAsNew, isCancellation, sleep } from '@temporalio/workflow';
import { lease } from './proxies.ts';

/**
 * Keeps the objects of the home cluster mirrored for as long as they are what holds: the lease activity lists and watches
 * them; when it ends, by age or by failure, the next host goes on.
 */
export async function homeSession(): Promise<void> {
  try {
    const { bridged } = await lease.holdHome({});
    if (!bridged) return;
  } catch (error) {
    if (isCancellation(error)) throw error;
    if (!(error instanceof ActivityFailure)) throw error;
    await sleep('1 second');
  }
  await continueAsNew<typeof homeSession>();
}
