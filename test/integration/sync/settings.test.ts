import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiClient } from '../../../cli/server/client.ts';
import {
  installationIdAnnotation,
  instanceLabel,
  trackingIdAnnotation,
} from '../../../core/object/annotations.ts';
import { pollUntil } from '../../../local/poll.ts';
import { applicationOf, configMap, deployment, yamlOf } from '../../support/keelson/applications.ts';
import { keelson as runKeelson } from '../../support/keelson/run-cli.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';

let keelson: TestKeelson;
let folder: string;
let token: string;

const settingsOf = (data: Record<string, string>, name = 'argocd-cm') =>
  yamlOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'argocd' }, data });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keelson-settings-'));
  const file = join(folder, 'start.yaml');
  writeFileSync(file, settingsOf({ installationID: 'north' }));
  // A sidecar that nobody listens in: known by its socket, and in nobody's way.
  writeFileSync(join(folder, 'sidecar-v1.sock'), '');
  keelson = await startKeelson({ env: { KEELSON_SETTINGS_FILE: file, KEELSON_PLUGIN_SOCKETS: folder } });
  const login = createApiClient({ server: keelson.url });
  token = await login.account.login('admin', keelson.adminPassword);
  await login.close();
});

afterAll(async () => {
  await keelson?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const cli = (argv: readonly string[], input = '') =>
  runKeelson(argv, { env: { KEELSON_SERVER: keelson.url, KEELSON_AUTH_TOKEN: token }, input });

const apply = (data: Record<string, string>) => cli(['settings', 'apply', '-f', '-'], settingsOf(data));

async function metadataOf(name: string) {
  const key = { group: '', kind: 'ConfigMap', namespace: 'tracked', name };
  const { labels = {}, annotations = {} } = (await keelson.cluster.get('v1', key))?.metadata ?? {};
  return { labels, annotations };
}

const kindsInTree = async () =>
  ((await keelson.client.applications.resourceTree('tracked')).nodes ?? []).map(({ kind }) => kind);
const hasPods = async (expected: boolean) =>
  pollUntil(`pods are ${expected ? '' : 'not '}in the tree`, 30, async () => {
    const kinds = await kindsInTree();
    return kinds.includes('ReplicaSet') && kinds.includes('Pod') === expected;
  });

describe('settings of an installation', () => {
  it('hold from the file that the server started with', async () => {
    const repository = await keelson.gitServer.createRepository('tracked', {
      'app.yaml': yamlOf(configMap('marked', { a: '1' }), deployment('web')),
    });
    await keelson.create(applicationOf({ name: 'tracked', repoURL: repository.url, namespace: 'tracked' }));
    await keelson.sync('tracked');
    await keelson.healthy('tracked');

    const { labels, annotations } = await metadataOf('marked');
    expect(annotations).toMatchObject({
      [trackingIdAnnotation]: 'tracked:/ConfigMap:tracked/marked',
      [installationIdAnnotation]: 'north',
    });
    expect(labels[instanceLabel]).toBeUndefined();
    await hasPods(true);
  });

  it('reach sessions and renders when they change: another mark of ownership, excluded kinds out of the tree', async () => {
    const applied = await apply({
      installationID: 'north',
      'application.resourceTrackingMethod': 'label',
      'resource.exclusions': '- apiGroups: [""]\n  kinds: [Pod]\n  clusters: ["in-*"]\n',
      'dex.config': 'connectors: []',
    });
    expect(applied).toMatchObject({ status: 0, stdout: 'settings changed\n' });
    expect(applied.stderr).toContain(
      'note: argocd-cm: dex.config: has no effect yet: nobody can log in through Dex',
    );

    await hasPods(false);
    // The objects in the cluster still carry the mark of before, which alone is no difference.
    await keelson.healthy('tracked');
    expect((await keelson.sync('tracked')).phase).toBe('Succeeded');
    await keelson.healthy('tracked');
    const { labels, annotations } = await metadataOf('marked');
    expect(labels[instanceLabel]).toBe('tracked');
    expect(annotations[trackingIdAnnotation]).toBeUndefined();
    expect(await kindsInTree()).not.toContain('Pod');
  });

  it('stay in force when new ones can not be read', async () => {
    const before = await cli(['settings', 'get']);
    const refused = await apply({ 'application.resourceTrackingMethod': 'anotation' });
    expect(refused.status).toBe(20);
    expect(refused.stderr).toContain(
      'settings were not changed; argocd-cm: application.resourceTrackingMethod: is "anotation"; set it to annotation, label, annotation+label',
    );
    expect((await cli(['settings', 'get'])).stdout).toBe(before.stdout);
    // What was printed can be applied as it is.
    expect(before.stdout).toContain('dex.config: (hidden)');
    const same = await cli(['settings', 'apply', '-f', '-'], before.stdout);
    expect(same).toMatchObject({ status: 0, stdout: 'settings unchanged\n' });
  });

  it('come back with a rollback', async () => {
    expect(await cli(['settings', 'rollback'])).toMatchObject({ status: 0, stdout: 'settings changed\n' });
    await hasPods(true);
    expect((await keelson.sync('tracked')).phase).toBe('Succeeded');
    const { labels, annotations } = await metadataOf('marked');
    expect(annotations[trackingIdAnnotation]).toBe('tracked:/ConfigMap:tracked/marked');
    expect(labels[instanceLabel]).toBeUndefined();
  });
});

describe('what is accepted and has no effect yet', () => {
  const conditionsOf = async (name: string): Promise<string[]> => {
    const { status } = await keelson.client.applications.get(name);
    const found = status?.conditions?.filter(({ type }) => type === 'NoEffectWarning') ?? [];
    return found.map(({ message }) => message);
  };

  it('is named by a condition of the application, for as long as it stands there', async () => {
    const { url } = await keelson.gitServer.createRepository('hopeful', {
      'a.yaml': yamlOf(configMap('hopeful', { a: '1' })),
    });
    const application = applicationOf({
      ...{ name: 'hopeful', repoURL: url, namespace: 'hopeful' },
      annotations: { 'notifications.argoproj.io/subscribe.on-sync-failed.slack': 'us' },
      source: { tagPrefix: 'web-', direktory: { recurse: true } },
    });
    const write = (one: typeof application) =>
      keelson.client.applications.create(one, { upsert: true, validate: true });
    await write(application);
    await keelson.sync('hopeful');
    await keelson.healthy('hopeful');
    expect((await conditionsOf('hopeful')).sort()).toEqual([
      'metadata.annotations.notifications.argoproj.io/subscribe.on-sync-failed.slack has no effect yet: nobody is notified',
      'spec.source.direktory has no effect yet: it is not a known field',
      'spec.source.tagPrefix has no effect yet: versions are looked for among whole tags',
    ]);

    await write(applicationOf({ name: 'hopeful', repoURL: url, namespace: 'hopeful' }));
    await pollUntil('nothing is named any more', 30, async () => {
      return (await conditionsOf('hopeful')).length === 0;
    });
    await keelson.healthy('hopeful');
  });

  it('is named when a file is applied, for its other ConfigMaps too', async () => {
    const { stdout } = await cli(['settings', 'get']);
    const others = settingsOf({ 'template.x': 'message: x' }, 'argocd-notifications-cm');
    const applied = await cli(['settings', 'apply', '-f', '-'], `${stdout}---\n${others}`);
    expect(applied).toMatchObject({ status: 0, stdout: 'settings unchanged\n' });
    expect(applied.stderr).toContain('note: argocd-notifications-cm: has no effect yet: nobody is notified');
  });
});

describe('cli/commands/admin-settings', () => {
  it('validates files without a server', async () => {
    const validate = (data: Record<string, string>, ...more: string[]) =>
      runKeelson(['admin', 'settings', 'validate', '--argocd-cm-path', '-', ...more], {
        input: settingsOf(data),
      });
    expect(await validate({ 'accounts.ann': 'login' })).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^note: argocd-cm: accounts\.ann: .*\nsettings are valid\n$/),
    });

    const params = join(folder, 'params.yaml');
    writeFileSync(params, settingsOf({ 'controller.sync.timeout.seconds': 'soon' }, 'argocd-cmd-params-cm'));
    const bad = await validate({ installationId: 'x' }, '--argocd-cmd-params-cm-path', params);
    expect(bad).toMatchObject({
      status: 1,
      stdout: [
        'error: argocd-cmd-params-cm: controller.sync.timeout.seconds: must be a number of seconds, 0 for no limit; change it',
        'note: argocd-cm: installationId: is not a known key and has no effect; check its spelling',
        'settings have 1 error',
        '',
      ].join('\n'),
    });
    const neither = await runKeelson(['admin', 'settings', 'validate', '--argocd-cm-path', '-'], {
      input: yamlOf(configMap('other', {})),
    });
    expect(neither.status).toBe(20);
    expect(neither.stderr).toContain('holds no ConfigMap named argocd-cm or argocd-cmd-params-cm');
  });

  it('bring plugins, which render and say what can be set', async () => {
    const spec = {
      generate: {
        command: ['sh', '-c'],
        args: ['sed "s/@COLOR@/$PARAM_COLOR/" template'],
      },
      parameters: { static: [{ name: 'color', string: 'red' }] },
    };
    const plugin = { kind: 'ConfigManagementPlugin', metadata: { name: 'paint' }, spec };
    const words = settingsOf({ 'plugin.yaml': JSON.stringify(plugin) }, 'argocd-cmp-cm');
    expect(await cli(['settings', 'apply', '-f', '-'], words)).toMatchObject({
      status: 0,
      stdout: 'settings changed\n',
    });
    const { url } = await keelson.gitServer.createRepository('painted', {
      template: yamlOf(configMap('painted', { color: '@COLOR@' })),
    });
    const source = {
      repoURL: url,
      path: '.',
      plugin: { name: 'paint', parameters: [{ name: 'color', string: 'green' }] },
    };
    const application = applicationOf({ name: 'painted', repoURL: url, namespace: 'tracked' });
    await keelson.create({ ...application, spec: { ...application.spec, source } });
    expect((await keelson.sync('painted')).phase).toBe('Succeeded');
    const key = { group: '', kind: 'ConfigMap', namespace: 'tracked', name: 'painted' };
    expect((await keelson.cluster.get('v1', key))?.['data']).toEqual({ color: 'green' });

    const reply = await fetch(`${keelson.url}/api/v1/repositories/${encodeURIComponent(url)}/appdetails`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ source, appName: 'painted', appProject: 'default' }),
    });
    expect(await reply.json()).toEqual({
      type: 'Plugin',
      plugin: { parametersAnnouncement: [{ name: 'color', string: 'red' }] },
    });
    expect(await (await fetch(`${keelson.url}/api/v1/settings`)).json()).toMatchObject({
      plugins: [{ name: 'paint' }],
    });
    const plugins = `${keelson.url}/api/v1/settings/plugins`;
    const listed = await fetch(plugins, { headers: { authorization: `Bearer ${token}` } });
    expect(await listed.json()).toEqual({ plugins: [{ name: 'paint' }, { name: 'sidecar-v1' }] });
    expect((await fetch(plugins)).status).toBe(401);
    await cli(['settings', 'apply', '-f', '-'], settingsOf({}, 'argocd-cmp-cm'));
  });
});
