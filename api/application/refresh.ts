import { setTimeout as sleep } from 'node:timers/promises';
import { requestRefresh } from '../../control/application/request-refresh.ts';
import { nameOf } from '../../control/context.ts';
import { isPaused } from '../../core/application/automation/automation.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { readDirty } from '../../db/queries/application/refresh-request.ts';
import type { ApiContext } from '../context.ts';

const longestWaitMilliseconds = 60_000;
const firstPollMilliseconds = 25;
const maxPollMilliseconds = 500;

/**
 * Asks for a fresh comparison and waits until it is there. The row is looked at, not the change log: a comparison
 * that finds nothing new changes nothing else.
 */
export async function refreshApplication(c: ApiContext, row: ApplicationRow, hard: boolean): Promise<void> {
  const { db, config } = c.var.deps;
  const { comparisonMilliseconds = longestWaitMilliseconds } = config;
  const generation = await requestRefresh(c.var.deps, row, { hard });
  // Nothing compares one without a cluster, or that is left alone; what can be said of it is said already.
  if (row.clusterId === null || isPaused(row)) return;

  const deadline = performance.now() + comparisonMilliseconds;
  let pause = firstPollMilliseconds;
  const { signal } = c.req.raw;
  while (performance.now() < deadline && !signal.aborted) {
    const state = await readDirty(db, row.id);
    if (state === undefined || state.comparedGeneration >= generation) return;
    await sleep(pause, undefined, { signal }).catch(() => {
      // The client has left; the loop ends with it.
    });
    pause = Math.min(pause * 2, maxPollMilliseconds);
  }
  throw new KeelsonError(
    'timeout',
    `application "${nameOf(c.var.deps, row)}" was not compared within ${comparisonMilliseconds / 1000} s; its request stays open, look at the cluster's connection and ask again`,
    { retryable: true },
  );
}
