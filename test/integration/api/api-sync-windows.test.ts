import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requestSync } from '../../../control/application/request-sync.ts';
import { syncRequestOf } from '../../../control/application/sync-request.ts';
import type { Actor, Permission } from '../../../control/context.ts';
import { KeelsonError } from '../../../core/errors.ts';
import type { SyncWindow } from '../../../core/project/project.ts';
import { userInitiator } from '../../../core/sync/operation/initiator.ts';
import { formatTime } from '../../../core/text/time.ts';
import { type ApplicationRow, findApplication } from '../../../db/queries/application/application.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { listOperations } from '../../../db/queries/operation/operation.ts';
import { endOperation } from '../../../db/queries/operation/operation-life.ts';
import { guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { setWindows } from '../../support/keelson/sync-windows.ts';

const minute = 60_000;
const hour = 60 * minute;
/** The window has just begun. A login outlasts it, since that is good for a day. */
const start = Math.floor(Date.now() / minute) * minute;
const at = (time: number): string => formatTime(new Date(time));
const everyDayAt = (time: number): string => {
  const date = new Date(time);
  return `${date.getUTCMinutes()} ${date.getUTCHours()} * * *`;
};

const schedule = everyDayAt(start);
const nights: SyncWindow = { kind: 'deny', schedule, duration: '8h', applications: ['*'] };
const path = '/api/v1/applications/web';
const words =
  `cannot sync: blocked by sync window: deny "${schedule}" for 8h (UTC) denies it now, and ` +
  `syncs are allowed from ${at(start + 8 * hour)} on`;

let server: TestApi;

beforeAll(async () => {
  server = await startApi();
  expect((await server.call('POST', '/api/v1/applications', guestbook('web'))).status).toBe(200);
});

afterAll(async () => {
  await server?.close();
});

beforeEach(async () => {
  await setWindows(server.db, 'default', [nights]);
  server.clock.now = new Date(start + hour);
});

async function operations() {
  const row = await findApplication(server.db, { namespace: 'argocd', name: 'web' });
  if (row === undefined) throw new Error('application web is lost');
  return listOperations(server.db, row.id, 10);
}

/** Ends what was started: there is no worker here. */
async function endAll(): Promise<void> {
  for (const operation of await operations()) {
    await endOperation(server.db, operation, { phase: 'Succeeded', message: '', inHistory: false });
  }
}

describe('a sync by a person while its window is closed', () => {
  it.each([
    ['sync', {}],
    ['sync', { dryRun: true }],
  ])(
    'is refused with the time at which it opens, before there is an operation: %s %j',
    async (route, body) => {
      const before = await operations();
      const reply = await server.call('POST', `${path}/${route}`, body);
      expect(reply.status).toBe(403);
      const remedy =
        'wait for them, or sync with a reason (breakGlassReason, --break-glass) and the right windows, break-glass';
      expect(reply.body).toMatchObject({ code: 7, message: `${words}; ${remedy}` });
      expect(await operations()).toEqual(before);
    },
  );

  it('goes through once the window is over, and where the window lets people through', async () => {
    server.clock.now = new Date(start + 8 * hour);
    expect((await server.call('POST', `${path}/sync`, {})).status).toBe(200);
    await endAll();
    server.clock.now = new Date(start + hour);
    await setWindows(server.db, 'default', [{ ...nights, manualSync: true }]);
    expect((await server.call('POST', `${path}/sync`, {})).status).toBe(200);
    await endAll();
  });

  it('is refused with what to correct where a window cannot be read', async () => {
    await setWindows(server.db, 'default', [{ ...nights, schedule: '0 25 * * *' }]);
    const reply = await server.call('POST', `${path}/sync`, {});
    expect(reply.status).toBe(403);
    expect(reply.body).toMatchObject({
      message: expect.stringMatching(/^cannot sync: a sync window cannot be read: schedule .*out of range/),
    });
  });

  it('goes through with a reason and the right to it, and both are on record', async () => {
    const body = { breakGlassReason: ' the shop is down ' };
    const reply = await server.call('POST', `${path}/sync`, body);
    expect(reply.status).toBe(200);
    const [operation] = await operations();
    expect(operation?.request.breakGlass).toEqual({ reason: 'the shop is down' });
    const view = await server.call('GET', `${path}/operations/${operation?.id}`);
    expect(view.body).toMatchObject({ request: { breakGlass: { reason: 'the shop is down' } } });
    const audit = await listAudit(server.db, 5);
    expect(audit.find(({ action }) => action === 'windows.break-glass')).toMatchObject({
      actor: 'admin',
      object: 'default/web',
      decision: 'allowed',
      reason: 'the shop is down',
      details: { operation: operation?.id, refusal: words },
    });
    await endAll();
  });

  it('asks for that right to the application, also while the window is open', async () => {
    server.clock.now = new Date(start + 8 * hour);
    const row = (await findApplication(server.db, {
      namespace: 'argocd',
      name: 'web',
    })) as ApplicationRow;
    const asked: Permission[] = [];
    const eve: Actor = {
      by: userInitiator('eve'),
      address: '',
      require(permission) {
        asked.push(permission);
        throw new KeelsonError('forbidden', 'eve may not');
      },
    };
    const before = await operations();
    const request = { ...syncRequestOf({}, row.spec), breakGlass: { reason: 'now' } };
    await expect(requestSync(server.deps, eve, row, { request, action: 'application.sync' })).rejects.toThrow(
      'eve may not',
    );
    expect(asked).toEqual([{ resource: 'windows', action: 'break-glass', object: 'default/web' }]);
    expect(await operations()).toEqual(before);
  });

  it('needs words for a reason', async () => {
    const before = await operations();
    for (const breakGlassReason of ['', ' ', 'x'.repeat(1001)]) {
      expect((await server.call('POST', `${path}/sync`, { breakGlassReason })).status).toBe(400);
    }
    const empty = await server.call('POST', `${path}/sync`, { breakGlassReason: ' ' });
    expect(empty.body).toMatchObject({
      message: 'breakGlassReason is empty; say why the sync cannot wait',
    });
    expect(await operations()).toEqual(before);
  });
});

describe('the sync windows of an application', () => {
  it('are shown with those that are active and what they refuse', async () => {
    const days: SyncWindow = {
      kind: 'allow',
      schedule: everyDayAt(start + 10 * hour),
      duration: '8h',
      namespaces: ['*'],
    };
    const other: SyncWindow = { ...nights, applications: ['api'] };
    await setWindows(server.db, 'default', [{ ...nights, manualSync: true }, days, other]);
    const { status, body } = await server.call('GET', `${path}/syncwindows`);
    expect(status).toBe(200);
    expect(body).toEqual({
      activeWindows: [{ ...nights, manualSync: true }],
      assignedWindows: [{ ...nights, manualSync: true }, days],
      canSync: true,
      automatedRefusal: { message: expect.stringContaining('blocked'), opensAt: at(start + 10 * hour) },
    });
  });

  it('are none where the project has none, and everything is allowed', async () => {
    await setWindows(server.db, 'default', []);
    const { body } = await server.call('GET', `${path}/syncwindows`);
    expect(body).toEqual({ activeWindows: [], assignedWindows: [], canSync: true });
  });
});
