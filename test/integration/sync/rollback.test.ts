import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { applicationOf, configMap, hookJob, yamlOf } from '../../support/keelson/applications.ts';
import { keelsonIn } from '../../support/keelson/run-cli.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';

let keelson: TestKeelson;
let folder: string;
let run: ReturnType<typeof keelsonIn>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keelson-rollback-'));
  run = keelsonIn(folder);
  keelson = await startKeelson();
  const { status } = await run(
    ...['login', keelson.url, '--username', 'admin', '--password', keelson.adminPassword, '--plaintext'],
  );
  expect(status).toBe(0);
});

afterAll(async () => {
  await keelson?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function live(namespace: string, name: string): Promise<Manifest | undefined> {
  return keelson.cluster.get('v1', { group: '', kind: 'ConfigMap', namespace, name });
}

describe('rollback', () => {
  it('brings back what an earlier deployment had applied, from its sources, without hooks', async () => {
    const repository = await keelson.gitServer.createRepository('back', {
      'one/a.yaml': yamlOf(configMap('shown', { version: '1' }), hookJob('migrate', 'PreSync')),
      'two/a.yaml': yamlOf(configMap('shown', { version: '2' }), configMap('added', { version: '2' })),
    });
    const shape = { name: 'back', repoURL: repository.url, namespace: 'back' };
    await keelson.create(applicationOf({ ...shape, path: 'one' }));
    expect(await keelson.sync('back')).toMatchObject({ phase: 'Succeeded', historyId: 0 });
    await keelson.client.applications.create(applicationOf({ ...shape, path: 'two' }), {
      upsert: true,
      validate: true,
    });
    expect(await keelson.sync('back')).toMatchObject({ phase: 'Succeeded', historyId: 1 });

    const rolled = await run('app', 'rollback', 'back', '--prune', '-o', 'json');
    expect(rolled.status).toBe(0);
    expect((await live('back', 'shown'))?.['data']).toEqual({ version: '1' });
    expect(await live('back', 'added')).toBeUndefined();

    const [latest] = await keelson.client.operations.list('back', 1);
    const view = await keelson.client.operations.get('back', latest?.id ?? '');
    expect(view).toMatchObject({ phase: 'Succeeded', historyId: 2, request: { rollbackTo: 0 } });
    expect(view.steps.some((step) => step.hook)).toBe(false);
    // The spec still says otherwise, and the status shows it.
    const application = await keelson.client.applications.get('back');
    expect(application.spec.source?.path).toBe('two');
    expect(application.status?.sync?.status).toBe('OutOfSync');
    expect(application.status?.history?.at(-1)?.source?.path).toBe('one');
  });

  it('is refused for an unknown deployment and while automated sync would undo it', async () => {
    const unknown = await run('app', 'rollback', 'back', '99');
    expect(unknown.stderr).toMatch(/does not have deployment id 99 in its history; see keelson app history/);
    const repository = await keelson.gitServer.createRepository('rollback-auto', {
      'a.yaml': yamlOf(configMap('shown', { version: '1' })),
    });
    await keelson.create(
      applicationOf({
        name: 'rollback-auto',
        repoURL: repository.url,
        namespace: 'rollback-auto',
        syncPolicy: { automated: {} },
      }),
    );
    await keelson.healthy('rollback-auto');
    const refused = await run('app', 'rollback', 'rollback-auto', '0');
    expect(refused.status).toBe(20);
    expect(refused.stderr).toMatch(/rollback cannot be initiated when auto-sync is enabled/);
    const local = await run('app', 'sync', 'rollback-auto', '--local', folderWith('b'));
    expect(local.stderr).toMatch(/cannot use local sync when Automatic Sync Policy is enabled/);
  });
});

function folderWith(version: string): string {
  const path = mkdtempSync(join(folder, 'local-'));
  writeFileSync(join(path, 'a.yaml'), yamlOf(configMap('shown', { version })));
  return path;
}

describe('local manifests', () => {
  it('take the place of the source, carry the tracking, and stay out of the history', async () => {
    const repository = await keelson.gitServer.createRepository('local', {
      'a.yaml': yamlOf(configMap('shown', { version: 'git' }), configMap('other', { version: 'git' })),
    });
    await keelson.create(applicationOf({ name: 'local', repoURL: repository.url, namespace: 'local' }));
    await keelson.sync('local');

    const synced = await run('app', 'sync', 'local', '--local', folderWith('mine'));
    expect(synced.stdout).toMatch(/ignored \(requires pruning\)/);
    const shown = await live('local', 'shown');
    expect(shown?.['data']).toEqual({ version: 'mine' });
    expect(shown?.metadata.annotations?.['argocd.argoproj.io/tracking-id']).toBe(
      'local:/ConfigMap:local/shown',
    );
    const [latest] = await keelson.client.operations.list('local', 1);
    expect(latest).toMatchObject({ phase: 'Succeeded', revision: 'local' });
    expect(latest?.historyId).toBeUndefined();
  });

  it('are refused with the file and the reason when they cannot be read in full, and prune nothing', async () => {
    const path = mkdtempSync(join(folder, 'broken-'));
    writeFileSync(join(path, 'a.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: [\n');
    const broken = await run('app', 'sync', 'local', '--local', path);
    expect(broken.status).not.toBe(0);
    expect(broken.stderr).toMatch(/a\.yaml/);
    const operations = await keelson.client.operations.list('local', 10);
    for (const text of ['steps: [\n', 'a: 1\n...\nb: 2\n']) {
      const part = folderWith('part');
      writeFileSync(join(part, 'b.yaml'), text);
      const refused = await run('app', 'sync', 'local', '--local', part, '--prune');
      expect(refused.status).not.toBe(0);
      expect(refused.stderr).toMatch(/b\.yaml:\d/);
    }
    expect(await keelson.client.operations.list('local', 10)).toEqual(operations);
    expect((await live('local', 'other'))?.['data']).toEqual({ version: 'git' });
    const chart = mkdtempSync(join(folder, 'chart-'));
    writeFileSync(join(chart, 'Chart.yaml'), 'name: x\n');
    expect((await run('app', 'sync', 'local', '--local', chart)).stderr).toMatch(/helm template/);
  });
});
