import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { pollUntil } from '../../../local/poll.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { keelsonIn } from '../../support/keelson/run-cli.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import type { TestRepository } from '../../support/servers/git-server.ts';

let keelson: TestKeelson;
let database: DatabaseConnection;
let folder: string;
const repositories: TestRepository[] = [];
let run: ReturnType<typeof keelsonIn>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keelson-namespaces-'));
  run = keelsonIn(folder);
  const started = await startKeelson();
  keelson = started;
  database = connectDatabase(started.databaseUrl, { connections: 1, onError: () => {} });
  await database.db.execute(
    sql`update projects set spec = spec || '{"sourceNamespaces": ["team-*"]}' where name = 'default'`,
  );
  await succeed(
    'login',
    keelson.url,
    '--username',
    'admin',
    '--password',
    keelson.adminPassword,
    '--plaintext',
  );
  await permit('team-a,team-b');
});

afterAll(async () => {
  await database?.close();
  await keelson?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function succeed(...argv: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(...argv);
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  return stdout;
}

/** Sets where applications may live. */
async function permit(namespaces: string): Promise<void> {
  const settings = join(folder, 'settings.yaml');
  const metadata = { name: 'argocd-cmd-params-cm' };
  const data = { 'application.namespaces': namespaces };
  writeFileSync(settings, yamlOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }));
  await succeed('settings', 'apply', '-f', settings);
}

function live(name: string): Promise<Manifest | undefined> {
  return keelson.cluster.get('v1', { group: '', kind: 'ConfigMap', namespace: 'same', name });
}

/** The applications that a list in JSON holds, by their whole names. */
async function listed(...flags: string[]): Promise<string[]> {
  return (await succeed('app', 'list', '-o', 'name', ...flags)).trim().split('\n').sort();
}

describe('applications of one name in two namespaces', () => {
  it('sync side by side to one namespace, each with marks and prunes of its own', async () => {
    const names = ['web', 'team-a/web', 'team-b/web'];
    for (const [at, name] of names.entries()) {
      const repository = await keelson.gitServer.createRepository(`same-${at}`, {
        'kept.yaml': yamlOf(configMap(`kept-${at}`, { of: name })),
        'gone.yaml': yamlOf(configMap(`gone-${at}`, { of: name })),
      });
      repositories.push(repository);
      const file = join(folder, `${at}.yaml`);
      writeFileSync(file, yamlOf(applicationOf({ name: 'web', repoURL: repository.url, namespace: 'same' })));
      await succeed('app', 'create', name, '-f', file);
    }
    expect(await listed()).toEqual(['argocd/web', 'team-a/web', 'team-b/web']);
    expect(await listed('-N', 'team-a')).toEqual(['team-a/web']);

    await Promise.all(names.map((name) => succeed('app', 'sync', name)));
    for (const at of [0, 1, 2]) {
      expect((await live(`kept-${at}`))?.metadata.annotations?.['argocd.argoproj.io/tracking-id']).toBe(
        `${['web', 'team-a_web', 'team-b_web'][at]}:/ConfigMap:same/kept-${at}`,
      );
      expect(await live(`gone-${at}`)).toBeDefined();
    }
    await Promise.all(names.map((name) => keelson.healthy(name)));
    const shown = await succeed('app', 'get', 'web', '-N', 'team-a');
    expect(shown).toMatch(/Name:\s+team-a\/web/);
    expect(shown).toContain('kept-1');
    expect(shown).not.toMatch(/kept-0|kept-2/);

    await repositories[1]?.commit({ 'gone.yaml': null });
    await succeed('app', 'get', 'team-a/web', '--refresh');
    await succeed('app', 'sync', 'team-a/web', '--prune');
    expect(await live('gone-1')).toBeUndefined();
    expect(await live('gone-0')).toBeDefined();
    expect(await live('gone-2')).toBeDefined();
  });

  it('are told apart in streams, histories and the audit', async () => {
    const [home, away] = await Promise.all([
      keelson.client.operations.list('web'),
      keelson.client.operations.list('team-a/web'),
    ]);
    expect(home.map(({ namespace }) => namespace)).toEqual(['argocd']);
    expect(away.map(({ namespace }) => namespace)).toEqual(['team-a', 'team-a']);
    const objects = (await listAudit(database.db, 100))
      .filter(({ action }) => action === 'application.sync')
      .map(({ object }) => object);
    expect(objects.sort()).toEqual([
      'default/team-a/web',
      'default/team-a/web',
      'default/team-b/web',
      'default/web',
    ]);
    const resolved = await run('app', 'sync', 'team-c/web');
    expect(resolved.status).toBe(20);
    const crossed = await run('app', 'get', 'team-b/web', '-N', 'team-a');
    expect(crossed.stderr).toContain(
      'application "team-b/web" is not in the namespace "team-a" that --app-namespace names',
    );
  });

  it('are not synced while the settings name their namespace no more, and go on once they do', async () => {
    await succeed('app', 'set', 'team-b/web', '--sync-policy', 'auto');
    await permit('team-a');
    await repositories[2]?.commit({ 'late.yaml': yamlOf(configMap('late-2', { of: 'team-b/web' })) });
    const refused = await run('app', 'sync', 'team-b/web');
    expect(refused.stderr).toContain('namespace "team-b" is not permitted for applications');
    const synced = (await keelson.client.operations.list('team-b/web')).length;
    // What follows from the first comparison has followed before the second one begins.
    await succeed('app', 'get', 'team-b/web', '--refresh');
    const shown = await succeed('app', 'get', 'team-b/web', '--refresh');
    expect(shown).toContain('OutOfSync');
    expect(shown).toMatch(/InvalidSpecError.*namespace "team-b" is not permitted for applications/);
    expect(await keelson.client.operations.list('team-b/web')).toHaveLength(synced);
    expect(await live('kept-2')).toBeDefined();
    await permit('team-a,team-b');
    await pollUntil('team-b/web has come up with its source', 60, async () => {
      return (await live('late-2')) !== undefined;
    });
    await keelson.healthy('team-b/web');
    expect(await succeed('app', 'get', 'team-b/web')).not.toContain('InvalidSpecError');
  });

  it('are deleted one by one, and their operations stay under their names', async () => {
    await succeed('app', 'delete', 'web', '-N', 'team-a', '--yes');
    await pollUntil('team-a/web is gone', 60, async () => !(await listed()).includes('team-a/web'));
    expect(await live('kept-1')).toBeUndefined();
    expect(await live('kept-0')).toBeDefined();
    expect(await live('kept-2')).toBeDefined();
    expect(await listed()).toEqual(['argocd/web', 'team-b/web']);
    const left = await keelson.client.operations.list('team-a/web');
    expect(left.map(({ kind, namespace }) => [kind, namespace])).toEqual([
      ['delete', 'team-a'],
      ['sync', 'team-a'],
      ['sync', 'team-a'],
    ]);
    expect((await keelson.client.operations.list('team-b/web')).map(({ kind }) => kind)).toEqual([
      'sync',
      'sync',
    ]);
  });
});
