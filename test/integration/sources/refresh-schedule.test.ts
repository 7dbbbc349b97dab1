import { Client, Connection, ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureRefreshSchedule } from '../../../bin/compose/schedule.ts';
import { refreshScheduleId } from '../../../workflows/ids.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

let connection: Connection;

beforeAll(async () => {
  connection = await Connection.connect({ address: testPlatform().temporalAddress });
});

afterAll(() => connection?.close());

async function namespaceClient(): Promise<Client> {
  return new Client({ connection, namespace: await testPlatform().createNamespace() });
}

const current = {
  spec: { intervals: [{ every: 30_000 }] },
  policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: 60_000 },
  action: { type: 'startWorkflow', workflowType: 'refreshRepositories', taskQueue: 'sync' },
};

describe('bin/schedule', () => {
  it('makes the schedule once, however often workers start', async () => {
    const temporal = await namespaceClient();
    await ensureRefreshSchedule(temporal);
    await Promise.all([ensureRefreshSchedule(temporal), ensureRefreshSchedule(temporal)]);
    const found = await temporal.schedule.getHandle(refreshScheduleId).describe();
    expect(found).toMatchObject({ ...current, state: { paused: false } });
    const all: string[] = [];
    for await (const { scheduleId } of temporal.schedule.list()) all.push(scheduleId);
    expect(all.filter((id) => id !== refreshScheduleId)).toEqual([]);
  });

  it('brings the schedule of an earlier release up to this one and leaves it paused', async () => {
    const temporal = await namespaceClient();
    const handle = await temporal.schedule.create({
      scheduleId: refreshScheduleId,
      spec: { intervals: [{ every: '5 minutes' }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 hour' },
      state: { paused: true, note: 'maintenance' },
      action: {
        type: 'startWorkflow',
        workflowType: 'formerName',
        workflowId: 'former',
        taskQueue: 'former',
        args: [],
      },
    });
    await ensureRefreshSchedule(temporal);
    expect(await handle.describe()).toMatchObject({
      ...current,
      state: { paused: true, note: 'maintenance' },
    });
  });
});
