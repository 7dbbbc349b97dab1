import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, createApiClient } from '../../cli/server/client.ts';
import { credentialsFromKubeconfig } from '../../cluster/access/kubeconfig.ts';
import { createClusterClient } from '../../cluster/request/client.ts';
import { isFinished } from '../../core/sync/operation/operation.ts';
import type { OperationView } from '../../core/wire/operation.ts';
import { pollUntil } from '../../local/poll.ts';
import {
  applicationOf,
  configMap,
  deployment,
  hookJob,
  wave,
  yamlOf,
} from '../support/keelson/applications.ts';
import { testPlatform } from '../support/keelson/platform.ts';
import { isRunning, startUp, type Up } from '../support/keelson/up.ts';
import { type GitServer, startGitServer } from '../support/servers/git-server.ts';

let stateDir: string;
let gitServer: GitServer;
let up: Up;

beforeAll(async () => {
  stateDir = mkdtempSync(join(testPlatform().stateDir, 'chaos-'));
  [gitServer, up] = await Promise.all([startGitServer(), startUp(stateDir, ['--no-demo'])]);
});

afterAll(async () => {
  await up?.interrupt();
  await gitServer?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

/** A hook pod takes this long, so that every crash below hits a sync that is under way. */
const slow = { annotations: { 'keelson.test/pod-duration': '3s' } };

const manifests = yamlOf(
  hookJob('before', 'PreSync', {}, slow),
  configMap('one', { a: '1' }, wave(-1)),
  deployment('two'),
  deployment('three', 1, wave(1)),
  hookJob('after', 'PostSync', {}, slow),
);

async function connect(): Promise<ApiClient> {
  const { url, adminPassword } = up.ready();
  const anonymous = createApiClient({ server: url });
  const token = await anonymous.account.login('admin', adminPassword ?? '');
  return createApiClient({ server: url, token });
}

/** Every Job that exists or existed in a namespace while the watch ran, by uid, with the step that made it. */
function watchJobs(namespace: string) {
  const seen = new Map<string, string>();
  const stopping = new AbortController();
  const ended = (async () => {
    while (!stopping.signal.aborted) {
      try {
        const cluster = createClusterClient(
          credentialsFromKubeconfig(readFileSync(up.ready().kubeconfig, 'utf8')),
        );
        const resource = await cluster.resourceFor('batch/v1', 'Job');
        const note = (object: {
          metadata: { uid?: string; annotations?: Readonly<Record<string, string>> };
        }) => seen.set(object.metadata.uid ?? '', object.metadata.annotations?.['keelson.dev/step'] ?? '');
        const { items, resourceVersion } = await cluster.list(resource, { namespace });
        for (const item of items) note(item);
        await cluster.watch(resource, {
          namespace,
          resourceVersion,
          signal: stopping.signal,
          onEvent: (event) => event.type !== 'BOOKMARK' && note(event.object),
        });
      } catch {
        // The API server is down or the test ends: the next round lists again.
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  })();
  return {
    seen,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

async function prepared(name: string): Promise<void> {
  const repository = await gitServer.createRepository(name, { 'app.yaml': manifests });
  const client = await connect();
  await client.applications.create(applicationOf({ name, repoURL: repository.url, namespace: name }), {
    upsert: false,
    validate: true,
  });
  await client.close();
}

/** Waits for the end of an operation through restarts of everything. */
async function ended(name: string, operationId: string): Promise<OperationView> {
  let view: OperationView | undefined;
  await pollUntil(
    `${name} to end`,
    120,
    async () => {
      const client = await connect();
      try {
        view = await client.operations.get(name, operationId);
      } finally {
        await client.close();
      }
      return isFinished(view.phase);
    },
    500,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\nlast seen: ${JSON.stringify(view, undefined, 1)}\n${up.output()}`);
  });
  return view as OperationView;
}

/** Starts a sync, waits for its first hook to run, lets `crash` happen, and checks the end and the hooks. */
async function survives(name: string, crash: () => Promise<void>): Promise<void> {
  await prepared(name);
  const jobs = watchJobs(name);
  try {
    const client = await connect();
    const { operationId } = await client.operations.sync(name, {});
    await pollUntil('the hook to run', 60, async () => {
      const view = await client.operations.get(name, operationId);
      return view.waits.some((wait) => wait.reason.includes('completion of hook'));
    });
    await client.close();
    await crash();
    const view = await ended(name, operationId);
    expect(view).toMatchObject({ phase: 'Succeeded', attempt: 1 });
    const stamps = [...jobs.seen.values()];
    expect(stamps.sort()).toEqual([...new Set(stamps)]);
    expect(stamps).toHaveLength(2);
    expect(view.steps.map((step) => step.hookPhase)).toEqual(view.steps.map(() => 'Succeeded'));
  } finally {
    await jobs.stop();
  }
}

async function killed(...roles: string[]): Promise<void> {
  const { pids } = up.ready();
  for (const role of roles) process.kill(pids[role] ?? 0, 'SIGKILL');
  await pollUntil(`${roles.join(', ')} to be started again`, 90, () =>
    roles.every((role) => up.ready().pids[role] !== pids[role] && isRunning(up.ready().pids[role] ?? 0)),
  );
}

describe('a sync survives kill -9', () => {
  it.each(['worker', 'session', 'server', 'temporal', 'postgres', 'apiserver'])('of %s', async (role) => {
    await survives(`kill-${role}`, () => killed(role));
  });

  it('of worker, session, server, temporal and postgres at once', async () => {
    await survives('kill-many', () => killed('temporal', 'postgres', 'worker', 'session', 'server'));
  });

  it('of everything, the supervisor too: a second start with the same state directory goes on', async () => {
    await survives('kill-all', async () => {
      const { pids } = up.ready();
      process.kill(up.pid, 'SIGKILL');
      for (const pid of Object.values(pids)) process.kill(pid, 'SIGKILL');
      await up.exited;
      up = await startUp(stateDir, ['--no-demo']);
    });
  });
});
