import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createApiClient } from '../../../cli/server/client.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { changeSettingsWords } from '../../../db/queries/installation/settings-words.ts';
import { pollUntil } from '../../../local/poll.ts';
import { createKeyring } from '../../../platform/encryption.ts';
import { applicationOf, deployment, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { keelsonIn } from '../../support/keelson/run-cli.ts';

const group = 'rules.example.com';
const apiVersion = `${group}/v1`;

const widgetHealth = `
hs = {}
if obj.status == nil or obj.status.phase == nil then return hs end
hs.status = obj.status.phase
hs.message = "phase " .. obj.status.phase
return hs`;

const widgetActions = stringify({
  'discovery.lua': `
actions = {}
actions["retire"] = {["disabled"] = obj.spec.retired == true}
actions["clone"] = {["displayName"] = "Clone", ["params"] = {{["name"] = "suffix"}}}
actions["ghost"] = {}
return actions`,
  definitions: [
    {
      name: 'retire',
      'action.lua': 'obj.spec.retired = true\nobj.status = {phase = "Suspended"}\nreturn obj',
    },
    {
      name: 'clone',
      'action.lua': `
local copy = {apiVersion = obj.apiVersion, kind = obj.kind, spec = obj.spec}
copy.metadata = {name = obj.metadata.name .. "-" .. actionParams.suffix, labels = {}}
return {{operation = "create", resource = copy}}`,
    },
    { name: 'fail', 'action.lua': 'return obj.spec.no.field' },
    {
      name: 'escape',
      'action.lua': `
local map = {apiVersion = "v1", kind = "ConfigMap", metadata = {name = "x", namespace = "kube-system"}}
return {{operation = "create", resource = map}}`,
    },
  ],
});

const words = {
  [`resource.customizations.health.${group}_Widget`]: widgetHealth,
  [`resource.customizations.health.${group}_Gadget`]: 'return {status = obj.status.no.field}',
  [`resource.customizations.actions.${group}_Widget`]: widgetActions,
};

function definition(kind: string): Manifest {
  const plural = `${kind.toLowerCase()}s`;
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: open, status: open } } },
        },
      ],
    },
  };
}

function custom(kind: string, name: string): Manifest {
  return { apiVersion, kind, metadata: { name }, spec: { size: 2, emptyDir: {} } };
}

let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let keelson: TestKeelson;
let database: DatabaseConnection;
let folder: string;
let run: ReturnType<typeof keelsonIn>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keelson-rules-'));
  run = keelsonIn(folder);
  facts = await testPlatform().createFacts();
  keelson = await startKeelsonOn(facts);
  database = connectDatabase(facts.databaseUrl, { connections: 2, onError: () => {} });
  for (const kind of ['Widget', 'Gadget']) {
    await keelson.cluster.create(definition(kind));
    await pollUntil(`${kind} is served`, 30, () =>
      keelson.cluster.resourceFor(apiVersion, kind).then(
        () => true,
        () => false,
      ),
    );
  }
  await setWords(words);
  const { status } = await run(
    'login',
    keelson.url,
    '--username',
    'admin',
    '--password',
    keelson.adminPassword,
    '--plaintext',
  );
  expect(status).toBe(0);
  const repository = await keelson.gitServer.createRepository('custom', {
    'objects.yaml': yamlOf(custom('Widget', 'one'), custom('Gadget', 'broken'), deployment('web')),
  });
  await keelson.create(applicationOf({ name: 'custom', repoURL: repository.url, namespace: 'custom' }));
});

afterAll(async () => {
  for (const plural of ['widgets', 'gadgets']) {
    await keelson?.cluster.delete('apiextensions.k8s.io/v1', {
      group: 'apiextensions.k8s.io',
      kind: 'CustomResourceDefinition',
      namespace: '',
      name: `${plural}.${group}`,
    });
  }
  await keelson?.stop();
  await database?.close();
  await facts?.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function setWords(argocdCm: Record<string, string>): Promise<void> {
  const keyring = createKeyring(keelson.encryptionKey);
  await database.db.transaction((tx) => changeSettingsWords(tx, keyring, () => ({ 'argocd-cm': argocdCm })));
}

function widget(name: string): Promise<Manifest | undefined> {
  return keelson.cluster.get(apiVersion, { group, kind: 'Widget', namespace: 'custom', name });
}

function setPhase(phase: string): Promise<Manifest> {
  const key = { group, kind: 'Widget', namespace: 'custom', name: 'one' };
  return keelson.cluster.patch(apiVersion, key, { status: { phase } }, 'merge', { subresource: 'status' });
}

async function status() {
  const application = await keelson.client.applications.get('custom');
  const resources = application.status?.resources ?? [];
  const healthOf = (kind: string) => resources.find((one) => one.kind === kind)?.health;
  return { health: application.status?.health, conditions: application.status?.conditions ?? [], healthOf };
}

describe('custom rules', () => {
  it('judge objects by the settings, and a script that fails is told while everything else goes on', async () => {
    expect(await keelson.sync('custom')).toMatchObject({ phase: 'Succeeded' });
    await pollUntil('everything is judged', 30, async () => {
      const { conditions, healthOf } = await status();
      const isJudged = healthOf('Deployment')?.status === 'Healthy' && healthOf('Widget') === undefined;
      return isJudged && conditions.length === 1;
    });
    const first = await status();
    expect(first.health?.status).toBe('Unknown');
    expect(first.healthOf('Gadget')).toMatchObject({ status: 'Unknown' });
    expect(first.healthOf('Widget')).toBeUndefined();
    expect(first.conditions).toMatchObject([
      {
        type: 'ComparisonError',
        message: `error setting app health: ${group}/Gadget custom/broken: health.lua:1: attempt to index field 'status' (a nil value); correct the health script of ${group}/Gadget`,
      },
    ]);

    await setPhase('Degraded');
    await pollUntil(
      'the Widget is Degraded',
      20,
      async () => (await status()).healthOf('Widget')?.message === 'phase Degraded',
    );

    await setWords({
      ...words,
      [`resource.customizations.health.${group}_Gadget`]: 'return {status = "Healthy"}',
    });
    await pollUntil(
      'the corrected script judges',
      30,
      async () => (await status()).healthOf('Gadget')?.status === 'Healthy',
    );
    const second = await status();
    expect(second.conditions).toEqual([]);
    expect(second.health).toMatchObject({ status: 'Degraded' });
    await setPhase('Healthy');
    await keelson.healthy('custom');
  });

  it('offer actions with the reason why one is disabled', async () => {
    const listed = await run('app', 'actions', 'list', 'custom', '-o', 'json');
    expect(listed.stderr).toBe('');
    const rows: { kind: string; action: string; disabled: boolean; reason?: string }[] = JSON.parse(
      listed.stdout,
    );
    expect(rows.filter(({ kind }) => kind === 'Widget')).toMatchObject([
      { action: 'clone', disabled: false },
      { action: 'ghost', disabled: true, reason: 'no definition of action ghost; add one to definitions' },
      { action: 'retire', disabled: false },
    ]);
    expect(rows.filter(({ kind }) => kind === 'Deployment').map(({ action }) => action)).toEqual([
      'pause',
      'restart',
      'resume',
      'scale',
    ]);
    const table = await run('app', 'actions', 'list', 'custom', '--kind', 'Deployment');
    expect(table.stdout).toMatch(/^GROUP +KIND +NAME +ACTION +DISABLED +REASON\n/);
    expect(table.stdout).toMatch(/apps +Deployment +web +resume +true +the Deployment is not paused/);
  });

  it('change and create objects by scripts, spec and status alike', async () => {
    const retired = await run('app', 'actions', 'run', 'custom', 'retire', '--kind', 'Widget');
    expect(retired).toMatchObject({ status: 0, stdout: `retire ran on ${group}/Widget custom/one\n` });
    expect(await widget('one')).toMatchObject({
      spec: { retired: true, size: 2, emptyDir: {} },
      status: { phase: 'Suspended' },
    });

    const cloned = await run(
      'app',
      'actions',
      'run',
      'custom',
      'clone',
      '--kind',
      'Widget',
      '--param',
      'suffix=copy',
    );
    expect(cloned.stderr).toBe('');
    expect(await widget('one-copy')).toMatchObject({ spec: { size: 2, emptyDir: {} } });
    const again = await run(
      'app',
      'actions',
      'run',
      'custom',
      'clone',
      '--kind',
      'Widget',
      '--param',
      'suffix=copy',
    );
    expect(again.status).toBe(20);
    expect(again.stderr).toMatch(/action clone: .*one-copy.*exists/);
  });

  it('run built-in actions of the kinds of Kubernetes', async () => {
    for (const [action, ...flags] of [['restart'], ['scale', '--param', 'replicas=2']] as const) {
      const ran = await run('app', 'actions', 'run', 'custom', action, '--kind', 'Deployment', ...flags);
      expect(ran.stderr).toBe('');
    }
    const web = await keelson.cluster.get('apps/v1', {
      group: 'apps',
      kind: 'Deployment',
      namespace: 'custom',
      name: 'web',
    });
    expect(web).toMatchObject({
      spec: {
        replicas: 2,
        template: {
          metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': expect.stringMatching(/Z$/) } },
        },
      },
    });
    const wrong = await run(
      'app',
      'actions',
      'run',
      'custom',
      'scale',
      '--kind',
      'Deployment',
      '--param',
      'replicas=x',
    );
    expect(wrong.stderr).toMatch(/replicas "x" is not a whole number/);
    const [row] = await listAudit(database.db, 1);
    expect(row).toMatchObject({ actor: 'admin', action: 'resource.action', object: 'default/custom' });
  });

  it('run by the form of the API that takes only a name, for those who may', async () => {
    const login = createApiClient({ server: keelson.url });
    const token = await login.account.login('admin', keelson.adminPassword);
    await login.close();
    const query = `kind=Widget&group=${group}&namespace=custom&resourceName=one`;
    const call = async (body: string, headers: Record<string, string>) => {
      const response = await fetch(`${keelson.url}/api/v1/applications/custom/resource/actions?${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
      return { status: response.status, body: await response.json() };
    };
    const authorization = `Bearer ${token}`;
    expect(await call('"retire"', { authorization })).toEqual({ status: 200, body: {} });
    expect(await call('{"name":"retire"}', { authorization })).toMatchObject({ status: 400 });
    expect(await call('"retire"', {})).toMatchObject({ status: 401 });
  });

  it('name object, action and remedy when they fail, and stay in their place', async () => {
    const failed = await run('app', 'actions', 'run', 'custom', 'fail', '--kind', 'Widget');
    expect(failed.stderr).toContain(
      `action fail: ${group}/Widget custom/one: action.lua:1: attempt to index field 'no' (a nil value); correct resource.customizations.actions of ${group}/Widget`,
    );
    const escaped = await run('app', 'actions', 'run', 'custom', 'escape', '--kind', 'Widget');
    expect(escaped.stderr).toMatch(
      /ConfigMap kube-system\/x: action may not write it: its namespace is neither/,
    );
    const unknown = await run('app', 'actions', 'run', 'custom', 'nothing', '--kind', 'Widget');
    expect(unknown.stderr).toMatch(/has no action nothing/);
    const many = await run('app', 'actions', 'run', 'custom', 'restart');
    expect(many.stderr).toMatch(/objects of application custom fit; name one/);
    const foreign = keelson.client.applications.runAction(
      'custom',
      { group: '', kind: 'ConfigMap', namespace: 'kube-system', name: 'kube-root-ca.crt', version: 'v1' },
      { action: 'restart', parameters: [] },
    );
    await expect(foreign).rejects.toThrow(/not found as part of application custom/);
  });
});
