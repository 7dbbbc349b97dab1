import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFields } from '../../../api/request/fields.ts';
import { automation } from '../../../core/sync/operation/initiator.ts';
import type { PlanStep, SyncPlan } from '../../../core/sync/plan/plan.ts';
import { type ApplicationRow, findApplication } from '../../../db/queries/application/application.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { getOperation, liveOperation, updateOperation } from '../../../db/queries/operation/operation.ts';
import { endOperation } from '../../../db/queries/operation/operation-life.ts';
import { requestOperation } from '../../../db/queries/operation/operation-request.ts';
import { completeStep, storePlan } from '../../../db/queries/operation/plan.ts';
import { applicationStatus, applications } from '../../../db/schema/application.ts';
import { operations, waits } from '../../../db/schema/operation.ts';
import { at, guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { recordAsRun } from '../../support/keelson/database.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

const path = '/api/v1/applications';

async function create(name: string, spec: Record<string, unknown> = {}) {
  const reply = await server.call('POST', path, guestbook(name, spec));
  expect(reply.status).toBe(200);
  const row = await findApplication(server.db, { namespace: 'argocd', name });
  if (row === undefined) throw new Error(`${name} is not there`);
  return row;
}

describe('api/routes/sync', () => {
  test('a sync request becomes an operation row and then a hint to the engine', async () => {
    const row = await create('full', {
      syncPolicy: { syncOptions: ['CreateNamespace=true'], retry: { limit: 2, backoff: { duration: '1s' } } },
    });
    const reply = await server.call('POST', `${path}/full/sync`, {
      revision: 'v2',
      prune: true,
      strategy: { apply: { force: true } },
      resources: [{ group: 'apps', kind: 'Deployment', name: 'web' }],
      infos: [{ name: 'Reason', value: 'hotfix' }],
    });
    expect(reply.status).toBe(200);
    const id = reply.headers.get('keelson-operation-id') ?? '';
    expect(await getOperation(server.db, id)).toMatchObject({
      applicationId: row.id,
      kind: 'sync',
      phase: 'Requested',
      initiatedBy: { username: 'admin', automated: false },
      request: {
        revision: 'v2',
        prune: true,
        dryRun: false,
        strategy: 'apply',
        force: true,
        resources: [{ group: 'apps', kind: 'Deployment', name: 'web' }],
        syncOptions: ['CreateNamespace=true'],
        retry: {
          limit: 2,
          backoff: { durationSeconds: 1, factor: 2, maxDurationSeconds: 180 },
          refresh: false,
        },
        info: [{ name: 'Reason', value: 'hotfix' }],
      },
    });
    expect(server.hints).toContainEqual({
      call: 'startOperation',
      argument: { id, applicationId: row.id, kind: 'sync', clusterId: server.clusterId },
    });
    // Until its workflow has started it already shows as running.
    expect(reply.body).toMatchObject({
      operation: {
        initiatedBy: { username: 'admin' },
        sync: { revision: 'v2', prune: true, syncStrategy: { apply: { force: true } } },
        retry: { limit: 2, backoff: { duration: '1s', factor: 2, maxDuration: '3m' } },
      },
      status: { operationState: { phase: 'Running', retryCount: 0 } },
    });
    expect((await listAudit(server.db, 1))[0]).toMatchObject({
      action: 'application.sync',
      object: 'default/full',
      details: { operation: id, revision: 'v2' },
    });
  });

  test('options and retry of the request replace those of the application', async () => {
    await create('replaced', { syncPolicy: { syncOptions: ['PruneLast=true'], retry: { limit: 9 } } });
    const reply = await server.call('POST', `${path}/replaced/sync`, {
      syncOptions: { items: ['Validate=false'] },
      retryStrategy: { limit: 1 },
    });
    const operation = await getOperation(server.db, reply.headers.get('keelson-operation-id') ?? '');
    expect(operation?.request).toMatchObject({ syncOptions: ['Validate=false'], retry: { limit: 1 } });
  });

  test('of several requests at once one wins, the others are told that an operation is in progress', async () => {
    const row = await create('contended');
    const replies = await Promise.all(
      [1, 2, 3, 4].map(() => server.call('POST', `${path}/contended/sync`, {})),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of replies) {
      if (status === 200) continue;
      expect(status).toBe(400);
      expect(body).toMatchObject({
        code: 9,
        message: expect.stringContaining('another operation is already in progress'),
      });
    }
    const rows = await server.db.query.operations.findMany({
      where: (table, { eq }) => eq(table.applicationId, row.id),
    });
    expect(rows).toHaveLength(1);
  });

  test('an automated application is synced by hand only to what it follows', async () => {
    await create('automated', { syncPolicy: { automated: {} } });
    const refused = await server.call('POST', `${path}/automated/sync`, { revision: 'v1' });
    expect(refused.status).toBe(400);
    expect(at(refused.body, 'message')).toContain('Cannot sync to v1: auto-sync currently set to HEAD');
    expect(
      (await server.call('POST', `${path}/automated/sync`, { revision: 'v1', dryRun: true })).status,
    ).toBe(200);
  });

  test('what can not be done is refused instead of doing something else', async () => {
    const row = await create('unsupported');
    const positions = { revisions: ['v1'], sourcePositions: [1] };
    const unfit = await server.call('POST', `${path}/unsupported/sync`, positions);
    expect(unfit.status).toBe(400);
    expect(at(unfit.body, 'message')).toContain('are for applications with spec.sources');
    const uploaded = await server.call('POST', `${path}/unsupported/sync`, { manifests: ['{}'] });
    expect(uploaded.status).toBe(400);
    expect(at(uploaded.body, 'message')).toContain('manifests[0]');
    const malformed = await server.call('POST', `${path}/unsupported/sync`, {
      resources: [{ name: 'x' }],
      prune: 'yes',
    });
    expect(malformed.status).toBe(400);
    expect(at(malformed.body, 'message')).toContain('resources[0].kind: is missing');
    expect(at(malformed.body, 'message')).toContain('prune: must be true or false');
    expect(await liveOperation(server.db, row.id)).toBeUndefined();
  });

  test('terminating marks the row and nudges the workflow; without an operation it is refused', async () => {
    const row = await create('stopped');
    expect(await server.call('DELETE', `${path}/stopped/operation`)).toMatchObject({
      status: 400,
      body: { code: 9, message: 'Unable to terminate operation. No operation is in progress' },
    });
    const id =
      (await server.call('POST', `${path}/stopped/sync`, {})).headers.get('keelson-operation-id') ?? '';
    expect((await server.call('DELETE', `${path}/stopped/operation`)).body).toEqual({});
    expect(await getOperation(server.db, id)).toMatchObject({
      phase: 'Terminating',
      terminateRequestedAt: expect.any(Date),
    });
    expect(server.hints).toContainEqual({
      call: 'nudgeOperation',
      argument: { id, applicationId: row.id, kind: 'sync' },
    });
    expect((await server.call('GET', `${path}/stopped`)).body).toMatchObject({
      status: { operationState: { phase: 'Terminating' } },
    });
  });
});

const steps: PlanStep[] = [
  {
    step: 0,
    phase: 'PreSync',
    wave: 0,
    batch: 0,
    action: 'create-hook',
    apiVersion: 'batch/v1',
    key: { group: 'batch', kind: 'Job', namespace: 'demo', name: 'migrate' },
    changed: true,
  },
  {
    step: 1,
    phase: 'Sync',
    wave: 0,
    batch: 0,
    action: 'apply',
    apiVersion: 'apps/v1',
    key: { group: 'apps', kind: 'Deployment', namespace: 'demo', name: 'web' },
    strategy: 'server-side',
    changed: true,
  },
];
const plan: SyncPlan = {
  schemaVersion: 1,
  steps,
  groups: [
    { phase: 'PreSync', wave: 0, first: 0, count: 1, settle: true },
    { phase: 'Sync', wave: 0, first: 1, count: 1, settle: true },
  ],
  failureGroups: [],
};

/** Asks for a sync and carries it out as far as the result of its first step. */
async function startSync({ id: applicationId, name }: ApplicationRow): Promise<string> {
  const reply = await server.call('POST', `${path}/${name}/sync`, {});
  const id = reply.headers.get('keelson-operation-id') ?? '';
  const of = { operationId: id, attempt: 1 };
  const now = new Date();
  await updateOperation(
    server.db,
    { id, applicationId },
    { phase: 'Running', revision: 'abc123', startedAt: now },
  );
  await storePlan(server.db, { ...of, digest: 'plan-digest', plan, warnings: [] });
  await recordAsRun(server.db, applicationId, {
    ...of,
    step: 0,
    status: 'Synced',
    hookPhase: 'Running',
    message: 'job created',
    uid: 'u1',
    objectVersion: '1',
    startedAt: now,
    appliedAt: now,
    finishedAt: null,
  });
  return id;
}

describe('api/application-json', () => {
  test('a sync shows its results while it runs, and as history when it has succeeded', async () => {
    const row = await create('shown');
    const id = await startSync(row);
    const of = { operationId: id, attempt: 1 };
    await server.db.insert(waits).values({
      ...of,
      clusterId: server.clusterId,
      kind: 'hook',
      phase: 'PreSync',
      wave: 0,
      steps: [0],
      keys: [{ group: 'batch', kind: 'Job', namespace: 'demo', name: 'migrate' }],
      reason: 'waiting for completion of hook batch/Job/migrate',
      deadline: null,
    });

    const running = await server.call('GET', `${path}/shown`);
    expect(at(running.body, 'status.operationState.syncResult')).toMatchObject({
      revision: 'abc123',
      source: { path: 'guestbook' },
      resources: [
        {
          group: 'batch',
          version: 'v1',
          kind: 'Job',
          namespace: 'demo',
          name: 'migrate',
          status: 'Synced',
          message: 'job created',
          hookType: 'PreSync',
          hookPhase: 'Running',
          syncPhase: 'PreSync',
        },
      ],
    });
    const view = await server.call('GET', `${path}/shown/operations/${id}`);
    expect(view.body).toMatchObject({
      id,
      phase: 'Running',
      planDigest: 'plan-digest',
      steps: [{ step: 0, hookPhase: 'Running' }, { step: 1 }],
      waits: [{ kind: 'hook', reason: 'waiting for completion of hook batch/Job/migrate' }],
    });

    await completeStep(
      server.db,
      { ...of, step: 0 },
      { hookPhase: 'Succeeded', message: 'job completed', finishedAt: new Date() },
    );
    await endOperation(
      server.db,
      { id, applicationId: row.id, clusterId: null },
      {
        phase: 'Succeeded',
        message: 'successfully synced',
        inHistory: true,
      },
    );
    const done = await server.call('GET', `${path}/shown`);
    expect(at(done.body, 'operation')).toBeUndefined();
    expect(done.body).toMatchObject({
      status: {
        operationState: {
          phase: 'Succeeded',
          message: 'successfully synced',
          finishedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        },
        history: [
          { id: 0, revision: 'abc123', source: { path: 'guestbook' }, initiatedBy: { username: 'admin' } },
        ],
      },
    });
    expect((await server.call('GET', `${path}/shown?fields=status.operationState.phase`)).body).toEqual({
      status: { operationState: { phase: 'Succeeded' } },
    });
  });

  test('history keeps as many deployments as the spec says, oldest first', async () => {
    const row = await create('long', { revisionHistoryLimit: 2 });
    for (const revision of ['r1', 'r2', 'r3']) {
      const operation = await requestOperation(server.db, {
        application: row,
        kind: 'sync',
        initiatedBy: automation,
        request: {
          prune: false,
          dryRun: false,
          strategy: 'hook',
          force: false,
          resources: [],
          syncOptions: [],
          retry: {
            limit: 0,
            backoff: { durationSeconds: 5, factor: 2, maxDurationSeconds: 180 },
            refresh: false,
          },
          selfHealAttempts: 0,
          info: [],
        },
      });
      await updateOperation(server.db, operation, { revision });
      await endOperation(server.db, operation, { phase: 'Succeeded', message: '', inHistory: true });
    }
    const { body } = await server.call('GET', `${path}/long`);
    const history = at(body, 'status.history') as unknown[];
    expect(history.map((entry) => [at(entry, 'id'), at(entry, 'revision')])).toEqual([
      [1, 'r2'],
      [2, 'r3'],
    ]);
    const { body: views } = await server.call('GET', `${path}/long/operations?limit=2`);
    expect((at(views, 'items') as unknown[]).map((view) => at(view, 'revision'))).toEqual(['r3', 'r2']);
  });

  test('a superseded sync shows as failed, and the status columns as they are', async () => {
    const row = await create('words');
    const reply = await server.call('POST', `${path}/words/sync`, {});
    const id = reply.headers.get('keelson-operation-id') ?? '';
    await endOperation(
      server.db,
      { id, applicationId: row.id, clusterId: null },
      {
        phase: 'Superseded',
        message: 'superseded by a newer revision',
        inHistory: false,
      },
    );
    await server.db.update(applicationStatus).set({
      syncStatus: 'OutOfSync',
      healthStatus: 'Degraded',
      healthMessage: 'pod crashed',
      desiredRevision: 'abc',
      renderError: 'chart not found',
      // What was wrong before is over.
      conditions: [
        {
          type: 'ComparisonError',
          message: 'Failed to load target state: no such branch',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
      reconciledAt: new Date('2026-01-02T03:04:05.678Z'),
      sourceTypes: ['Helm'],
      resources: [{ group: 'apps', kind: 'Deployment', name: 'web', status: 'OutOfSync' }],
    });
    expect((await server.call('GET', `${path}/words`)).body).toMatchObject({
      status: {
        operationState: { phase: 'Failed', message: 'superseded by a newer revision' },
        sync: { status: 'OutOfSync', revision: 'abc' },
        health: { status: 'Degraded', message: 'pod crashed' },
        conditions: [{ type: 'ComparisonError', message: 'Failed to load target state: chart not found' }],
        reconciledAt: '2026-01-02T03:04:05Z',
        sourceType: 'Helm',
        resources: [{ kind: 'Deployment', status: 'OutOfSync' }],
      },
    });
  });

  test('an operation of another application is not shown', async () => {
    await create('own');
    const [foreign] = await server.db.select().from(operations).limit(1);
    expect(await server.call('GET', `${path}/own/operations/${foreign?.id}`)).toMatchObject({ status: 404 });
    expect((await server.call('GET', `${path}/own/operations/nonsense`)).status).toBe(400);
  });
});

describe('api/application-parts', () => {
  test('a list of one field, or of all but one, tells the same as the whole list', async () => {
    const row = await create('parts', {
      source: undefined,
      sources: ['a', 'b'].map((folder) => ({
        repoURL: 'https://git.example.com/team/deploy.git',
        path: folder,
      })),
    });
    const deployed = await startSync(row);
    const ended = { phase: 'Succeeded', message: '', inHistory: true } as const;
    await endOperation(server.db, { id: deployed, applicationId: row.id, clusterId: null }, ended);
    await startSync(row);
    await server.db.update(applications).set({
      labels: { team: 'a' },
      annotations: { note: 'b' },
      finalizers: ['resources-finalizer.argocd.argoproj.io'],
      deletionRequestedAt: new Date(),
      deletionFailure: {
        operationId: '',
        message: 'deletion failed',
        at: '2026-01-02T03:04:05Z',
        preDeleteDone: false,
      },
    });
    await server.db.update(applicationStatus).set({
      summary: { images: ['nginx:1.27'] },
      desiredRevision: 'abc',
      renderError: 'chart not found',
      healthMessage: 'pod crashed',
      reconciledAt: new Date(),
      sourceTypes: ['Helm'],
      resources: [{ kind: 'ConfigMap', name: 'web', status: 'Synced' }],
    });
    const list = async (fields: string) => {
      const { body } = await server.call('GET', `${path}?fields=${fields}`);
      return at(body, 'items') as unknown[];
    };
    const whole = await list('');
    const paths = new Set(whole.flatMap((one) => pathsOf(one, 4)));
    for (const expected of ['operation', 'status.history', 'status.operationState.syncResult.resources']) {
      expect(paths).toContain(expected);
    }
    for (const field of paths) {
      for (const fields of [`items.${field}`, `-items.${field}`]) {
        expect([fields, await list(fields)]).toEqual([fields, readFields(fields, 'items').pick(whole)]);
      }
    }
  });
});

/** Dotted paths of everything in a value; lists are transparent. */
function pathsOf(value: unknown, depth: number): string[] {
  if (Array.isArray(value)) return value.flatMap((element) => pathsOf(element, depth));
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  return Object.entries(value).flatMap(([name, child]) => [
    name,
    ...pathsOf(child, depth - 1).map((below) => `${name}.${below}`),
  ]);
}
