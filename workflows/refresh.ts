import { condition, setHandler } from '@temporalio/workflow';
import { handingOver, isDue } from './hand-over.ts';
import { refreshShards } from './ids.ts';
import { record, render, urgent } from './proxies.ts';
import { wakeSignal } from './signals.ts';

/** Applications that one activity renders: enough to share its cost, few enough to spread over workers. */
const chunkSize = 10;

/** Applications that are being rendered by one queue. */
type Lane = {
  readonly activities: Pick<typeof render, 'renderDesired'>;
  readonly urgent: boolean;
  readonly underWay: Set<string>;
};

/**
 * Brings the applications of one share up to their refresh requests. What is being rendered holds up nothing else: a
 * wake-up starts what has come meanwhile, and the end of a chunk looks for what was asked for again. Urgent
 * applications have a queue of their own, also those that wait in the other one already.
 */
export async function refreshApplications(input: { readonly shard: number }): Promise<void> {
  const first: Lane = { activities: urgent, urgent: true, underWay: new Set() };
  const rest: Lane = { activities: render, urgent: false, underWay: new Set() };
  const given = new Set<string>();
  let woken = true;
  setHandler(wakeSignal, () => {
    woken = true;
    // What failed before is worth another try once somebody asks.
    given.clear();
  });
  const { isLong, handOver } = handingOver<typeof refreshApplications>(() => [input]);
  const isIdle = (): boolean => first.underWay.size + rest.underWay.size === 0;
  const start = (lane: Lane, ready: readonly string[]): void => {
    for (let begin = 0; begin < ready.length; begin += chunkSize) {
      const chunk = ready.slice(begin, begin + chunkSize);
      for (const id of chunk) lane.underWay.add(id);
      void renderChunk(lane, chunk).then((done) => {
        for (const id of chunk) lane.underWay.delete(id);
        if (!done) for (const id of chunk) given.add(id);
        woken = true;
      });
    }
  };
  while (woken || !isIdle()) {
    if (!woken) await condition(() => woken || isIdle());
    if (!woken) continue;
    woken = false;
    // What is under way goes on, and the fresh run's request joins it.
    if (isDue()) await handOver();
    const waiting = await record.waitingApplications({ ...input, shards: refreshShards });
    const isFree = (id: string): boolean => !first.underWay.has(id) && !given.has(id);
    start(first, waiting.urgent.filter(isFree));
    start(
      rest,
      waiting.others.filter((id) => isFree(id) && !rest.underWay.has(id)),
    );
    if (isLong() && !isDue()) {
      // A run from before waits as it did.
      await condition(isIdle);
      await handOver();
    }
  }
}

/** Whether all of a chunk was rendered; what was not is asked for again by the sweeper. */
async function renderChunk(
  { activities, urgent: isUrgent }: Lane,
  applicationIds: readonly string[],
): Promise<boolean> {
  try {
    await activities.renderDesired({ applicationIds, ...(isUrgent ? { urgent: true } : {}) });
    return true;
  } catch {
    // The activity has had its retries, and says itself why in the worker's log; the rows still ask.
    return false;
  }
}

/** Checks the repositories that are due with one listing each; what they change is refreshed. */
export async function refreshRepositories(): Promise<void> {
  await urgent.checkRepositories({});
}

/** Checks one repository that was pushed to, and once more for what was pushed meanwhile. */
export async function refreshRepository(input: { readonly repositoryId: string }): Promise<void> {
  let woken = true;
  setHandler(wakeSignal, () => {
    woken = true;
  });
  const { isLong, handOver } = handingOver<typeof refreshRepository>(() => [input]);
  while (woken) {
    woken = false;
    await urgent.checkRepositories(input);
    // The fresh run looks for what was pushed meanwhile.
    if (woken && isLong()) await handOver();
  }
}
