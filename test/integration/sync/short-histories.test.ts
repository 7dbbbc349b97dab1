import { Context } from '@temporalio/activity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinedSignal } from '../../../activities/desired/joined-signal.ts';
import { pollUntil } from '../../../local/poll.ts';
import { refreshWorkflowId } from '../../../workflows/ids.ts';
import { wakeSignal } from '../../../workflows/signals.ts';
import { type ScriptedEngine, startScriptedEngine } from '../../support/scripted/scripted-engine.ts';

/** As Temporal has it: such a history takes minutes to replay on a busy machine. */
const suggested = 4096;

let engine: ScriptedEngine;

beforeAll(async () => {
  engine = await startScriptedEngine(suggested);
});

afterAll(() => engine?.stop());

describe('a refresh of an installation with pushes all the time', () => {
  it('keeps its history so short that a worker replays it within one workflow task', async () => {
    const shard = 1;
    const workflowId = refreshWorkflowId(shard);
    const rendered: string[] = [];
    engine.script(String(shard), {
      waitingApplications: () => ({
        urgent: rendered.length < 100 ? [`steady ${rendered.length}`] : [],
        others: [],
      }),
    });
    engine.script('steady', {
      async renderDesired({ applicationIds }) {
        rendered.push(...applicationIds);
        await engine.client.workflow.getHandle(workflowId).signal(wakeSignal);
      },
    });
    const runs = await engine.run('refreshApplications', workflowId, { shard });
    expect(rendered).toEqual(Array.from({ length: 100 }, (_, index) => `steady ${index}`));
    expect(runs.length).toBeGreaterThan(1);
    expect(Math.max(...runs)).toBeLessThan(450);
  });

  it('does so while a render takes its time, which goes on and is asked for again by the fresh run', async () => {
    const shard = 2;
    const workflowId = refreshWorkflowId(shard);
    const held = Promise.withResolvers<void>();
    const wake = () => engine.client.workflow.getHandle(workflowId).signal(wakeSignal);
    const stopped: boolean[] = [];
    let [asked, count] = [0, 0];
    let isHeld = true;
    engine.script(String(shard), {
      waitingApplications: () => ({
        urgent: asked > 0 && asked < 3 ? [`other ${count}`] : [],
        others: isHeld ? ['held 0'] : [],
      }),
    });
    engine.script('held', {
      async renderDesired() {
        asked += 1;
        await wake();
        const isStopped = await stoppedBy(held.promise);
        if (isStopped !== undefined) stopped.push(isStopped);
      },
    });
    engine.script('other', {
      async renderDesired() {
        count += 1;
        await wake();
      },
    });
    const running = engine.run('refreshApplications', workflowId, { shard });
    try {
      await pollUntil('a third run, and two renders of which nobody hears', 110, async () => {
        return asked === 3 && stopped.length === 2;
      });
    } finally {
      isHeld = false;
      held.resolve();
    }
    const runs = await running;
    expect(stopped).toEqual([false, false]);
    expect(runs.length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...runs)).toBeLessThan(450);
  });
});

/** Waits within an activity for an end; when it is cancelled before, whether that stops the work that others join. */
async function stoppedBy(end: Promise<void>): Promise<boolean | undefined> {
  const context = Context.current();
  const joined = joinedSignal();
  const beat = setInterval(() => context.heartbeat(), 100);
  try {
    await Promise.race([end, context.cancelled]);
    return undefined;
  } catch {
    // Safe: cancelled, which is what is asked about.
    return joined.aborted;
  } finally {
    clearInterval(beat);
  }
}
