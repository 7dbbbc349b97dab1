import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createApiClient } from '../../../cli/server/client.ts';
import { pollUntil } from '../../../local/poll.ts';
import { freePort } from '../../../local/ports.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { isRunning, startUp, type Up, type UpEnvironment } from '../../support/keelson/up.ts';

let stateDir: string;
const started: Up[] = [];

async function start(flags: readonly string[], options: UpEnvironment = {}): Promise<Up> {
  const up = await startUp(stateDir, flags, options);
  started.push(up);
  return up;
}

function kubeconfigOf(server: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'gone',
    contexts: [{ name: 'gone', context: { cluster: 'gone', user: 'nobody' } }],
    clusters: [{ name: 'gone', cluster: { server } }],
    users: [{ name: 'nobody', user: { token: 'not-a-secret' } }],
  });
}

beforeEach(() => {
  stateDir = mkdtempSync(join(testPlatform().stateDir, 'up-'));
});

afterEach(async () => {
  // Whatever a failed test left; one that has ended already answers at once.
  await Promise.all(started.splice(0).map((up) => up.interrupt()));
  rmSync(stateDir, { recursive: true, force: true });
});

const roles = ['server', 'worker', 'session', 'temporal', 'postgres', 'apiserver', 'etcd'];

describe('npm start', () => {
  it('writes ready.json with a live process for every role, and stops all of them on Ctrl-C', async () => {
    const up = await start(['--no-demo']);
    const ready = up.ready();
    expect(Object.keys(ready).sort()).toEqual(
      ['adminPassword', 'databaseUrl', 'kubeconfig', 'pids', 'temporalAddress', 'temporalUi', 'url'].sort(),
    );
    for (const role of roles) {
      expect(ready.pids, role).toHaveProperty(role);
      expect(isRunning(ready.pids[role] ?? 0), role).toBe(true);
    }
    expect(await (await fetch(`${ready.url}/healthz`)).text()).toBe('ok');
    expect((await fetch(ready.temporalUi)).ok).toBe(true);
    expect(up.output()).toContain(ready.url);
    expect(up.output()).toContain(`admin / ${ready.adminPassword}`);

    // A role that died comes back, with its new pid in ready.json.
    process.kill(ready.pids['session'] ?? 0, 'SIGKILL');
    await pollUntil('session to be started again', 60, () => {
      const pid = up.ready().pids['session'] ?? 0;
      return pid !== ready.pids['session'] && isRunning(pid);
    });

    const last = up.ready().pids;
    expect(await up.interrupt()).toBe('exited with 0');
    // What Node.js made of the sources, for the next start.
    expect(readdirSync(join(stateDir, 'cache/compiled'))).not.toEqual([]);
    for (const [role, pid] of Object.entries(last)) expect(isRunning(pid), role).toBe(false);
  });

  it('syncs its sample while showing each wave, and a second start finds it again', async () => {
    const first = await start(['--once']);
    expect(await first.exited, first.output()).toBe('exited with 0');
    expect(first.output()).toMatch(/PreSync[\s\S]*store[\s\S]*PostSync[\s\S]*is Synced and Healthy/);

    // Another password than the first start's is not the truth, whatever the variable says.
    const second = await start(['--no-demo'], { env: { KEELSON_ADMIN_PASSWORD: 'another-one' } });
    const { url, adminPassword } = second.ready();
    expect(first.output()).toContain(`admin / ${adminPassword}`);
    expect(second.output()).toContain(`admin / ${adminPassword}`);
    const anonymous = createApiClient({ server: url });
    const client = createApiClient({
      server: url,
      token: await anonymous.account.login('admin', adminPassword ?? ''),
    });
    const [application] = await client.applications.list();
    expect(application?.metadata.name).toBe('demo');
    expect(application?.status?.history).toHaveLength(1);
    await client.close();
    expect(await second.interrupt()).toBe('exited with 0');
  });

  it('refuses a state directory that another one uses, and flags that make no sense', async () => {
    const first = await start(['--no-demo']);
    await expect(start(['--no-demo', '--port=0'])).rejects.toThrow(/is in use by pid \d+/);
    expect(isRunning(first.ready().pids['server'] ?? 0)).toBe(true);
    expect(await first.interrupt()).toBe('exited with 0');
    await expect(start(['--prot', '1'])).rejects.toThrow(/--temporal-address A/);
  });

  it('uses a cluster, a database and a Temporal server that it is given, and starts none of its own', async () => {
    const facts = await testPlatform().createFacts();
    try {
      const flags = ['--kubeconfig', facts.kubeconfigPath, '--database-url', facts.databaseUrl];
      const up = await start([...flags, '--temporal-address', facts.temporalAddress, '--once']);
      expect(await up.exited, up.output()).toBe('exited with 0');
      expect(up.output()).toContain('is Synced and Healthy');
      const server = testPlatform().server.replaceAll('.', '\\.');
      expect(up.output()).toMatch(
        new RegExp(
          `^cluster ${server}, context \\S+, user keelson-admin\n` +
            'Keelson reads all of this cluster, .*; the sample application demo makes namespace demo .*, with pruning',
        ),
      );
      expect(readdirSync(stateDir)).not.toContain('postgres');
    } finally {
      await facts.drop();
    }
  });

  it('warns of a cluster that does not answer, and does not say that it is up', async () => {
    const facts = await testPlatform().createFacts();
    const kubeconfig = join(stateDir, 'gone.kubeconfig');
    writeFileSync(kubeconfig, kubeconfigOf(`https://127.0.0.1:${await freePort()}`));
    try {
      const external = ['--database-url', facts.databaseUrl, '--temporal-address', facts.temporalAddress];
      const flags = ['--kubeconfig', kubeconfig, ...external];
      const up = await start(flags, { until: 'Keelson serves, but can sync nothing' });
      expect(up.output()).toMatch(
        /^warning: cluster gone \(https:\S+\): .*ECONNREFUSED.*; check that the address/,
      );
      expect(up.output()).not.toContain('Keelson is up');
      expect(await up.interrupt()).toBe('exited with 0');
      await expect(start([...flags, '--once'])).rejects.toThrow(/--once needs the cluster: cluster gone/);
    } finally {
      await facts.drop();
    }
  });
});
