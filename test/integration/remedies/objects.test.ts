import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUpOptions } from '../../../bin/up/options.ts';
import { runSample } from '../../../bin/up/sample.ts';
import { createApiClient } from '../../../cli/server/client.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { toolPath } from '../../../local/obtain/tools.ts';
import { createReporter } from '../../../local/reporter.ts';
import { at, eventually } from '../../support/keelson/api/api.ts';
import { applicationOf, configMap, deployment, yamlOf } from '../../support/keelson/applications.ts';
import { keelsonIn } from '../../support/keelson/run-cli.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import type { TestRepository } from '../../support/servers/git-server.ts';

const name = 'remedies';
const path = `/api/v1/applications/${name}`;

let keelson: TestKeelson;
let repository: TestRepository;
let folder = '';
let run: ReturnType<typeof keelsonIn>;
let token = '';

const pod = (podName: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: podName },
  spec: { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] },
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keelson-objects-'));
  run = keelsonIn(folder);
  // The sample of npm start comes from a folder.
  keelson = await startKeelson({ env: { KEELSON_GIT_PROTOCOLS: 'https,http,ssh,file' } });
  const client = createApiClient({ server: keelson.url });
  token = await client.account.login('admin', keelson.adminPassword);
  await client.close();
  await run('login', keelson.url, '--username', 'admin', '--password', keelson.adminPassword);
  repository = await keelson.gitServer.createRepository(name, {
    'a.yaml': yamlOf(deployment('web'), deployment('api'), configMap('shown', { version: '1' })),
    'extra.yaml': yamlOf(configMap('one', {}), configMap('two', {})),
  });
  await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name }));
  expect(await keelson.sync(name)).toMatchObject({ phase: 'Succeeded' });
});
afterAll(async () => {
  await keelson?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What the server says to a request: the message of a refusal, and the body of a success. */
async function ask(method: string, rest: string, body?: unknown) {
  const reply = await fetch(`${keelson.url}${path}${rest}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, text, said: reply.ok ? '' : String(at(JSON.parse(text), 'message')) };
}

describe('the sample application of npm start', () => {
  it('is created once the password of admin is told', async () => {
    const said: string[] = [];
    const bring = (adminPassword: string | undefined) =>
      runSample({
        url: keelson.url,
        adminPassword,
        stateDir: join(folder, 'state'),
        kubectl: undefined,
        namespace: 'argocd',
        reporter: { ...createReporter(), say: (text) => void said.push(text) },
      });
    await expect(bring(undefined)).rejects.toThrow(
      "it can't be created without the password of admin; set KEELSON_ADMIN_PASSWORD to it, or leave the sample out with --no-demo",
    );
    await bring(keelson.adminPassword);
    expect(said.at(-1)).toBe('sample application demo is Synced and Healthy');
    // The other way, to leave it out, is that of most starts in these tests.
    expect(parseUpOptions(['--no-demo'])).toMatchObject({ demo: false });
  });
});

describe('an object that is not part of an application yet', () => {
  const object = `namespace=${name}&resourceName=late&kind=Pod&version=v1`;
  const places = [`/resource?${object}`, `/resource/actions?${object}`, `/pods/late/logs?namespace=${name}`];

  it('is after a refresh', async () => {
    await keelson.cluster.applyServerSide({ ...pod('late'), metadata: { name: 'late', namespace: name } });
    await repository.commit({ 'late.yaml': yamlOf(pod('late')) });
    for (const place of places) {
      expect((await ask('GET', place)).said).toBe(
        `Pod ${name}/late not found as part of application ${name}; refresh the application`,
      );
    }
    expect((await ask('GET', '?refresh=normal')).status).toBe(200);
    for (const place of places) {
      await eventually(place, async () => ((await ask('GET', place)).status === 200 ? true : undefined), 30);
    }
  });

  it('has logs by the address that stands for app logs', async () => {
    const { stderr } = await run('app', 'logs', name);
    expect(stderr).toContain('use kubectl logs, or GET /api/v1/applications/NAME/pods/POD/logs');
    expect((await ask('GET', `/pods/late/logs?namespace=${name}`)).text).toContain('"last":true');
  });
});

describe('an action', () => {
  const web = `?namespace=${name}&resourceName=web&kind=Deployment&group=apps&version=v1`;

  it('is sent as a JSON text', async () => {
    const { said } = await ask('POST', `/resource/actions${web}`, {});
    expect(said).toBe('request body is not the name of an action; send a JSON text');
    expect((await ask('POST', `/resource/actions${web}`, 'restart')).said).toBe('');
  });

  it('is run on one object that is named, or on all', async () => {
    const restart = ['app', 'actions', 'run', name, 'restart', '--kind', 'Deployment'];
    expect((await run(...restart)).stderr).toContain(
      `2 objects of application ${name} fit; name one with --kind and --resource-name, or add --all`,
    );
    expect((await run(...restart, '--resource-name', 'web')).status).toBe(0);
    expect((await run(...restart, '--all')).stdout.match(/ran on/g)).toHaveLength(2);
  });

  it('or a change in Git stands for app patch-resource', async () => {
    expect((await run('app', 'patch-resource', name)).stderr).toContain(
      'change it in Git, or run an action: keelson app actions list NAME',
    );
    expect((await run('app', 'actions', 'list', name)).stdout).toMatch(/Deployment +web +restart/);
    await repository.commit({ 'a.yaml': yamlOf(deployment('web'), configMap('shown', { version: '2' })) });
    await keelson.sync(name);
    const shown = { group: '', kind: 'ConfigMap', namespace: name, name: 'shown' };
    expect((await keelson.cluster.get('v1', shown))?.['data']).toEqual({ version: '2' });
  });
});

describe('an object that is to go', () => {
  const find = (one: string) =>
    keelson.cluster.get('v1', { group: '', kind: 'ConfigMap', namespace: name, name: one });

  it('goes by kubectl, or out of Git and by a sync that prunes', async () => {
    expect((await run('app', 'delete-resource', name)).stderr).toContain(
      'delete it with kubectl, or take it out of Git and use keelson app sync NAME --prune',
    );
    const words = ['--kubeconfig', keelson.kubeconfigPath, '-n', name, 'delete', 'configmap', 'one'];
    execFileSync(await toolPath('kubectl'), words);
    expect(await find('one')).toBeUndefined();
    await repository.commit({ 'extra.yaml': yamlOf(configMap('one', {})) });
    const kept = await run('app', 'sync', name);
    expect(kept.stderr).toMatch(/resources? requires? pruning; sync with --prune/);
    expect((await run('app', 'sync', name, '--prune')).status).toBe(0);
    expect(await find('two')).toBeUndefined();
  });
});

describe('a rollback', () => {
  it('is for what the history shows', async () => {
    const { stderr } = await run('app', 'rollback', name, '99');
    expect(stderr).toContain(
      `application "${name}" does not have deployment id 99 in its history; see keelson app history ${name}`,
    );
    const [, ...words] = /see (keelson .+)/.exec(stderr)?.[1]?.split(' ') ?? [];
    expect((await run(...words)).stdout).toMatch(/^0 /m);
  });

  it('is possible once automated sync is off', async () => {
    await run('app', 'set', name, '--sync-policy', 'auto');
    expect((await run('app', 'rollback', name, '0')).stderr).toContain(
      'rollback cannot be initiated when auto-sync is enabled; turn automated sync off first',
    );
    await run('app', 'set', name, '--sync-policy', 'none');
    await eventually(
      'nothing runs',
      async () => {
        const [latest] = await keelson.client.operations.list(name, 1);
        return latest?.finishedAt;
      },
      30,
    );
    expect((await run('app', 'rollback', name, '0', '--prune')).status).toBe(0);
  });
});
