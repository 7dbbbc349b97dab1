import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { SyncPlan } from '../../../core/sync/plan/plan.ts';
import { getOperation, type OperationRow } from '../../../db/queries/operation/operation.ts';
import { admitOperation, endOperation } from '../../../db/queries/operation/operation-life.ts';
import { storePlan } from '../../../db/queries/operation/plan.ts';
import { endDeletion } from '../../../db/queries/operation/removal.ts';
import { eventually, guestbook } from '../../support/keelson/api/api.ts';
import { type ServedApi, serveApi } from '../../support/keelson/api/serve-api.ts';
import { recordAsRun } from '../../support/keelson/database.ts';
import { type CliOptions, type CliRun, keelson } from '../../support/keelson/run-cli.ts';

const web = { group: 'apps', kind: 'Deployment', namespace: 'demo', name: 'web' };

const plan: SyncPlan = {
  schemaVersion: 1,
  steps: [
    {
      step: 0,
      phase: 'Sync',
      wave: 0,
      batch: 0,
      action: 'apply',
      apiVersion: 'apps/v1',
      key: web,
      changed: true,
    },
  ],
  groups: [{ phase: 'Sync', wave: 0, first: 0, count: 1, settle: false }],
  failureGroups: [],
};

describe('cli against the server', () => {
  let api: ServedApi;
  let folder: string;
  let next = 0;
  let name: string;

  beforeAll(async () => {
    api = await serveApi();
  });
  afterAll(() => api.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-cli-app-'));
    name = `guestbook-${next++}`;
  });
  afterEach(async () => {
    api.clock.now = undefined;
    await rm(folder, { recursive: true });
  });

  function run(argv: readonly string[], options: CliOptions = {}): Promise<CliRun> {
    return keelson(argv, {
      ...options,
      env: { HOME: folder, PATH: process.env['PATH'] ?? '', ...options.env },
    });
  }
  async function login(): Promise<void> {
    const { status } = await run(['login', api.url, '--username', 'admin', '--password', api.adminPassword]);
    expect(status).toBe(0);
  }
  async function create(): Promise<void> {
    const file = join(folder, 'application.yaml');
    await writeFile(file, stringify(guestbook(name)));
    const { status, stdout } = await run(['app', 'create', '-f', file]);
    expect([status, stdout]).toEqual([0, `application '${name}' created\n`]);
  }
  /** Plays the worker: takes the application's live operation as soon as there is one. */
  function liveOperation(): Promise<OperationRow> {
    return eventually('an operation', async () => {
      const { rows } = await api.connection.pool.query<{ id: string }>(
        'select id from operations where application_name = $1 and finished_at is null',
        [name],
      );
      return rows[0] === undefined ? undefined : getOperation(api.db, rows[0].id);
    });
  }
  async function carryOut(phase: 'Succeeded' | 'Failed', message: string): Promise<void> {
    const operation = await liveOperation();
    const { id } = operation;
    if ((await admitOperation(api.db, operation)) === undefined)
      throw new Error('operation ended before it was carried out');
    await storePlan(api.db, { operationId: id, attempt: 1, digest: 'd', plan, warnings: [] });
    await recordAsRun(api.db, operation.applicationId, {
      operationId: id,
      attempt: 1,
      step: 0,
      status: 'Synced',
      hookPhase: 'Succeeded',
      message: 'deployment.apps/web created',
      uid: null,
      objectVersion: null,
      startedAt: new Date(),
      appliedAt: new Date(),
      finishedAt: new Date(),
    });
    await endOperation(api.db, operation, { phase, message, inHistory: phase === 'Succeeded' });
    await api.connection.pool.query(
      "update application_status set reconciled_at = clock_timestamp() + interval '1 second', sync_status = 'Synced', health_status = 'Healthy' from applications where id = application_id and name = $1",
      [name],
    );
  }

  it('logs in and remembers the session for its owner only', async () => {
    await login();
    const path = join(folder, '.config', 'keelson', 'config');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toContain(`current-context: ${api.url.slice('http://'.length)}`);
    expect((await run(['version', '--short'])).stdout).toContain('keelson-server: v1.2.3\n');
  });

  it('exits with 20 on wrong credentials and stores nothing', async () => {
    const { status, stderr } = await run(['login', api.url, '--username', 'admin', '--password', 'canary']);
    expect([status, stderr]).toEqual([20, 'keelson: Invalid username or password\n']);
    await expect(stat(join(folder, '.config'))).rejects.toThrow('ENOENT');
  });

  it('says how to log in without a session, and after one has expired', async () => {
    const stranger = await run(['app', 'list', '--server', api.url]);
    expect([stranger.status, stranger.stderr]).toEqual([
      20,
      `keelson: not logged in at ${api.url}; run keelson login ${api.url}\n`,
    ]);
    await login();
    api.clock.now = new Date(Date.now() + 48 * 60 * 60 * 1000);
    const late = await run(['app', 'list']);
    expect([late.status, late.stderr]).toEqual([
      20,
      `keelson: session at ${api.url} has ended (invalid session: its token is not valid or has expired); run keelson login ${api.url}\n`,
    ]);
  });

  it('refuses a token after logout, also on another machine', async () => {
    await login();
    const config = await readFile(join(folder, '.config', 'keelson', 'config'), 'utf8');
    await run(['logout']);
    const elsewhere = join(folder, 'copy');
    await writeFile(elsewhere, config, { mode: 0o600 });
    expect((await run(['app', 'list', '--config', elsewhere])).stderr).toContain(
      'has ended (invalid session: it was logged out); run keelson login',
    );
  });

  it('creates an application once, updates it with --upsert, lists and shows it', async () => {
    await login();
    await create();
    const file = join(folder, 'application.yaml');
    expect((await run(['app', 'create', '-f', file])).stdout).toBe(`application '${name}' unchanged\n`);
    const other = ['app', 'create', '-f', file, '--path', 'elsewhere'];
    expect((await run(other)).status).toBe(20);
    expect((await run([...other, '--upsert'])).stdout).toBe(`application '${name}' updated\n`);

    expect((await run(['app', 'list', '-o', 'name'])).stdout).toContain(`argocd/${name}\n`);
    expect((await run(['app', 'list', '-p', 'nobody', '-o', 'json'])).stdout).toBe('[]\n');
    const shown = await run(['app', 'get', name]);
    expect(shown.status).toBe(0);
    expect(shown.stdout).toContain(`Name:               argocd/${name}\n`);
    expect(shown.stdout).toContain('  Path:             elsewhere\n');
    expect(JSON.parse((await run(['app', 'get', name, '-o', 'json'])).stdout)).toMatchObject({
      metadata: { name, namespace: 'argocd' },
    });
    expect((await run(['app', 'get', name, '-o', 'yaml'])).stdout).toMatch(
      /^apiVersion: argoproj.io\/v1alpha1\nkind: Application\nmetadata:\n/,
    );
    expect((await run(['app', 'resources', name])).stdout).toContain('ORPHANED');
  });

  it('creates an application from flags alone', async () => {
    await login();
    const source = ['--repo', 'https://git.example.com/a.git', '--path', 'x', '--helm-set', 'a=b'];
    const target = [
      '--dest-name',
      'in-cluster',
      '--dest-namespace',
      'demo',
      '--sync-policy',
      'auto',
      '--self-heal',
    ];
    expect((await run(['app', 'create', name, ...source, ...target])).status).toBe(0);
    const { spec } = JSON.parse((await run(['app', 'get', name, '-o=json'])).stdout);
    expect(spec.syncPolicy).toEqual({ automated: { selfHeal: true } });
    expect(spec.source.helm).toEqual({ parameters: [{ name: 'a', value: 'b' }] });
  });

  it('follows a sync to its end and finds it in history and operations', async () => {
    await login();
    await create();
    expect((await run(['app', 'history', name])).stdout).toBe('ID  DATE  REVISION\n');
    const work = carryOut('Succeeded', 'successfully synced (all tasks run)');
    const synced = await run(['app', 'sync', name]);
    await work;
    expect(synced.stdout).toMatch(/apps +Deployment +demo +web +Synced +deployment.apps\/web created/);
    expect(synced.stdout).toContain(`sync of ${name}: Succeeded: successfully synced (all tasks run)`);
    expect(synced.status).toBe(0);
    expect((await run(['app', 'wait', name, '--timeout', '5'])).status).toBe(0);
    expect((await run(['app', 'history', name, '-o', 'id'])).stdout).toBe('0\n');
    const operations = await run(['app', 'operations', name]);
    expect(operations.stdout).toMatch(/ sync +Succeeded +1 +admin /);
    const id = operations.stdout.split('\n')[1]?.slice(0, 8) ?? '';
    const shown = await run(['app', 'operations', name, id]);
    expect(shown.stdout).toContain('Sync wave 0  1/1      no       done');
  });

  it('exits with 1 when a sync has failed', async () => {
    await login();
    await create();
    const work = carryOut('Failed', 'one or more objects failed to apply');
    const failed = await run(['app', 'sync', name]);
    await work;
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain('phase Failed: one or more objects failed to apply');
  });

  it('refuses a second sync while one runs, and terminates the first', async () => {
    await login();
    await create();
    expect((await run(['app', 'sync', name, '--async'])).status).toBe(0);
    const second = await run(['app', 'sync', name]);
    expect(second.status).toBe(20);
    expect(second.stderr).toContain('another operation is already in progress');
    expect((await run(['app', 'terminate-op', name])).stdout).toBe(
      `Application '${name}' operation terminating\n`,
    );
    const late = await run(['app', 'wait', name, '--operation', '--timeout', '1']);
    expect(late.status).toBe(20);
    expect(late.stderr).toContain('operation in progress');
  });

  it('deletes an application without its objects at once', async () => {
    await login();
    await create();
    expect((await run(['app', 'delete', name, '--cascade=false'])).stdout).toBe(
      `application '${name}' deleted\n`,
    );
    const gone = await run(['app', 'get', name]);
    expect(gone.status).toBe(20);
    expect(gone.stderr).toContain(`application ${name}: permission denied (it does not exist`);
  });

  it('waits with --wait until the application and its objects are gone', async () => {
    await login();
    await create();
    const removed = run(['app', 'delete', name, '--yes', '--wait']);
    await endDeletion(api.db, await liveOperation(), 'deleted');
    const { status, stdout } = await removed;
    expect([status, stdout.split('\n').slice(-3)]).toEqual([
      0,
      [expect.stringContaining('Succeeded: deleted'), `application '${name}' deleted`, ''],
    ]);
  });

  it('creates nothing from a file of which a part would be passed over', async () => {
    await login();
    const file = join(folder, 'application.yaml');
    const [first, second] = [stringify(guestbook('first')), stringify(guestbook('second'))];
    await writeFile(file, `${first}...\n${second}`);
    const { status, stderr } = await run(['app', 'create', '-f', file]);
    expect(status).toBe(1);
    expect(stderr).toContain(
      `${file}:${first.split('\n').length + 1}: stands behind the end of its document`,
    );
    expect((await run(['app', 'get', 'first'])).status).toBe(20);
    await writeFile(file, `${first}---\n${second}`);
    expect((await run(['app', 'create', '-f', file])).stdout).toBe(
      "application 'first' created\napplication 'second' created\n",
    );
  });

  it('exits with 20 when the server refuses what was asked', async () => {
    await login();
    const file = join(folder, 'application.yaml');
    await writeFile(file, stringify(guestbook(name, { project: 'unknown' })));
    expect((await run(['app', 'create', '-f', file])).status).toBe(20);
    await create();
    expect((await run(['app', 'terminate-op', name])).status).toBe(20);
    expect((await run(['app', 'operations', name, '00000000-0000-4000-8000-000000000000'])).status).toBe(20);
  });
});
