import { setTimeout as sleep } from 'node:timers/promises';
import { KeelsonError } from '../core/errors.ts';
import type { ApplicationRow } from '../db/queries/application.ts';
import { raiseDirty, readDirty } from '../db/queries/dirty.ts';
import type { ApiContext } from './context.ts';
import { sendHint } from './hint.ts';

const longestWaitMilliseconds = 60_000;
const firstPollMilliseconds = 25;
const maxPollMilliseconds = 500;

/**
 * Asks for a fresh comparison and waits until it is there. The row is looked at, not the change log: a comparison
 * that finds nothing new changes nothing else.
 */
export async function refreshApplication(c: ApiContext, row: ApplicationRow, hard: boolean): Promise<void> {
  const { db, engine, config } = c.var.deps;
  const { comparisonMilliseconds = longestWaitMilliseconds } = config;
  const generation = await raiseDirty(db, row.id, { hard, asked: true });
  sendHint(c, engine.refreshApplication(row.id));
  // Nothing compares an application without a cluster; what can be said of it is said already.
  if (row.clusterId === null) return;

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
    `application "${row.name}" was not compared within ${comparisonMilliseconds / 1000} s; its request stays open, look at the cluster's connection and ask again`,
    { retryable: true },
  );
}
