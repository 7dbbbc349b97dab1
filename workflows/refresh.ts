import { condition, continueAsNew, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';
import { refreshShards } from './ids.ts';
import { wakeSignal } from './messages.ts';
import { record, render } from './proxies.ts';

/** Applications that one activity renders: enough to share its cost, few enough to spread over workers. */
const chunkSize = 10;

/**
 * Brings the applications of one share up to their refresh requests. What is being rendered holds up nothing else: a
 * wake-up starts what has come meanwhile, and the end of a chunk looks for what was asked for again.
 */
export async function refreshApplications(input: { readonly shard: number }): Promise<void> {
  const underWay = new Set<string>();
  const given = new Set<string>();
  let woken = true;
  setHandler(defineSignal(wakeSignal), () => {
    woken = true;
    // What failed before is worth another try once somebody asks.
    given.clear();
  });
  while (woken || underWay.size > 0) {
    if (!woken) await condition(() => woken || underWay.size === 0);
    if (!woken) continue;
    woken = false;
    const waiting = await record.waitingApplications({ ...input, shards: refreshShards });
    const ready = waiting.filter((id) => !underWay.has(id) && !given.has(id));
    for (let first = 0; first < ready.length; first += chunkSize) {
      const chunk = ready.slice(first, first + chunkSize);
      for (const id of chunk) underWay.add(id);
      void renderChunk(chunk).then((done) => {
        for (const id of chunk) underWay.delete(id);
        if (!done) for (const id of chunk) given.add(id);
        woken = true;
      });
    }
    if (workflowInfo().continueAsNewSuggested) {
      await condition(() => underWay.size === 0);
      await continueAsNew<typeof refreshApplications>(input);
    }
  }
}

/** Whether all of a chunk was rendered; what was not is asked for again by the sweeper. */
async function renderChunk(applicationIds: readonly string[]): Promise<boolean> {
  try {
    await render.renderDesired({ applicationIds });
    return true;
  } catch {
    // The activity has had its retries, and says itself why in the worker's log; the rows still ask.
    return false;
  }
}

/** Checks the repositories that are due with one listing each; what they change is refreshed. */
export async function refreshRepositories(): Promise<void> {
  await render.checkRepositories({});
}

/** Checks one repository that was pushed to, and once more for what was pushed meanwhile. */
export async function refreshRepository(input: { readonly repositoryId: string }): Promise<void> {
  let woken = true;
  setHandler(defineSignal(wakeSignal), () => {
    woken = true;
  });
  while (woken) {
    woken = false;
    await render.checkRepositories(input);
  }
}
