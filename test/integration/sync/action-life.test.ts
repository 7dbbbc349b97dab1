import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ActionOutcome, outcomeOf, type WriteResult } from '../../../core/action/outcome.ts';
import { createEngine } from '../../../engine/temporal.ts';
import { actionWorkflowId } from '../../../workflows/ids.ts';
import {
  type Script,
  type ScriptedEngine,
  startScriptedEngine,
} from '../../support/scripted/scripted-engine.ts';

let engine: ScriptedEngine;

beforeAll(async () => {
  engine = await startScriptedEngine(10_000);
});

afterAll(() => engine?.stop());

const made: WriteResult = { state: 'written', uid: 'u', version: '1' };

/** Lays down an action of so many writes; answers with the results that it was ended with. */
function actionOf(id: string, writes: number, writeForAction: NonNullable<Script['writeForAction']>) {
  const ends: (readonly WriteResult[])[] = [];
  engine.script(id, {
    beginAction: () => ({ writes }),
    writeForAction,
    endAction: ({ results }): ActionOutcome => {
      ends.push(results);
      return outcomeOf(results);
    },
  });
  return ends;
}

describe.concurrent('an action of several writes', () => {
  it('is tried for an hour, two minutes a time, and then given up', async () => {
    const ends = actionOf('bounded', 2, () => made);
    await engine.run('runAction', actionWorkflowId('bounded'), { actionId: 'bounded' });
    expect(ends).toEqual([[made, made]]);
    const { events } = await engine.client.workflow.getHandle(actionWorkflowId('bounded')).fetchHistory();
    const bounds = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled?.activityType?.name === 'writeForAction'
        ? [
            [
              Number(scheduled.scheduleToCloseTimeout?.seconds),
              Number(scheduled.startToCloseTimeout?.seconds),
            ],
          ]
        : [],
    );
    expect(bounds).toEqual([
      [3600, 120],
      [3600, 120],
    ]);
  });

  it('takes an error that no further try can pass for a refusal', async () => {
    const ends = actionOf('broken', 2, () => {
      throw ApplicationFailure.nonRetryable('its manifest is not stored');
    });
    await engine.run('runAction', actionWorkflowId('broken'), { actionId: 'broken' });
    const message = 'its manifest is not stored';
    expect(ends).toEqual([[{ state: 'refused', code: 'internal', message, retryable: false }]]);
  });

  it('is waited for no longer than somebody has time, and goes on', async () => {
    const release = Promise.withResolvers<WriteResult>();
    const ends = actionOf('long', 1, () => release.promise);
    const port = createEngine(engine.client);
    const begun = performance.now();
    expect(await port.runAction('long', 1)).toBeUndefined();
    expect(performance.now() - begun).toBeGreaterThan(900);
    expect(ends).toEqual([]);
    release.resolve(made);
    expect(await port.runAction('long', 60)).toEqual({ done: 1 });
    expect(ends).toEqual([[made]]);
  });
});
