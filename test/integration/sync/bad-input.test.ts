import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';

let keelson: TestKeelson;

beforeAll(async () => {
  keelson = await startKeelson();
});

afterAll(async () => {
  await keelson?.stop();
});

describe('bad input ends the operation with a message that names the object and the remedy', () => {
  it('names a repository that does not exist', async () => {
    const repoURL = `${keelson.gitServer.url}/no-such-repository.git`;
    await keelson.create(applicationOf({ name: 'bad-url', repoURL, namespace: 'bad' }));
    const ended = await keelson.sync('bad-url');
    expect(ended.phase).toBe('Error');
    expect(ended.message).toContain('no-such-repository');
    expect(ended.message).toMatch(/not found|does not exist/);
  });

  it('names a revision that does not exist and the branches that do', async () => {
    const repository = await keelson.gitServer.createRepository('bad-revision', {
      'a.yaml': yamlOf(configMap('a', { a: '1' })),
    });
    await keelson.create(
      applicationOf({
        name: 'bad-revision',
        repoURL: repository.url,
        namespace: 'bad',
        targetRevision: 'release-7',
      }),
    );
    const ended = await keelson.sync('bad-revision');
    expect(ended.phase).toBe('Error');
    expect(ended.message).toContain("unable to resolve 'release-7' to a commit SHA");
    expect(ended.message).toContain('main');
  });

  it('names the file and line of broken YAML', async () => {
    const repository = await keelson.gitServer.createRepository('bad-yaml', {
      'broken.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n data: {\n',
    });
    await keelson.create(applicationOf({ name: 'bad-yaml', repoURL: repository.url, namespace: 'bad' }));
    const ended = await keelson.sync('bad-yaml');
    expect(ended.phase).toBe('Error');
    expect(ended.message).toContain('broken.yaml:5: is not valid YAML');
  });

  it('names a kind that the cluster does not serve, and applies nothing', async () => {
    const repository = await keelson.gitServer.createRepository('bad-kind', {
      'a.yaml': yamlOf(
        { apiVersion: 'example.com/v1', kind: 'Spaceship', metadata: { name: 'one' } },
        { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'generated-' }, spec: {} },
        configMap('bad-kind-neighbour', { a: '1' }),
      ),
    });
    await keelson.create(applicationOf({ name: 'bad-kind', repoURL: repository.url, namespace: 'bad' }));
    const ended = await keelson.sync('bad-kind');
    expect(ended.phase).toBe('Failed');
    expect(ended.message).toContain('one or more synchronization tasks are not valid');
    expect(ended.message).toContain('example.com/Spaceship bad/one: resource mapping not found');
    expect(ended.message).toContain('CustomResourceDefinition');
    expect(ended.message).toContain('Pod bad/generated-*: has only generateName');
    expect(ended.steps.map(({ key, status }) => [key.kind, status])).toEqual([
      ['Pod', 'SyncFailed'],
      ['Spaceship', 'SyncFailed'],
    ]);
    const { status } = await keelson.client.applications.get('bad-kind');
    expect(status?.operationState?.syncResult?.resources).toMatchObject([
      { kind: 'Pod', status: 'SyncFailed', message: expect.stringContaining('give it metadata.name') },
      { kind: 'Spaceship', status: 'SyncFailed', message: expect.stringContaining('resource mapping') },
    ]);
    const neighbour = { group: '', kind: 'ConfigMap', namespace: 'bad', name: 'bad-kind-neighbour' };
    expect(await keelson.cluster.get('v1', neighbour)).toBeUndefined();
  });

  it('syncs the rest when an unknown kind may be missing in the dry run, and fails on that object alone', async () => {
    const annotations = { 'argocd.argoproj.io/sync-options': 'SkipDryRunOnMissingResource=true' };
    const repository = await keelson.gitServer.createRepository('skip-missing', {
      'a.yaml': yamlOf(
        { apiVersion: 'example.com/v1', kind: 'Spaceship', metadata: { name: 'one', annotations } },
        configMap('skip-missing-neighbour', { a: '1' }),
      ),
    });
    await keelson.create(
      applicationOf({ name: 'skip-missing', repoURL: repository.url, namespace: 'bad-skip' }),
    );
    const ended = await keelson.sync('skip-missing');
    expect(ended.phase).toBe('Failed');
    expect(ended.steps.map(({ key, status }) => [key.kind, status])).toEqual([
      ['Namespace', 'Synced'],
      ['ConfigMap', 'Synced'],
      ['Spaceship', 'SyncFailed'],
    ]);
  });

  it('names an object that the API server refuses, and shows it on the object too', async () => {
    const repository = await keelson.gitServer.createRepository('refused', {
      'a.yaml': yamlOf({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'refused' },
        spec: { ports: [{ port: 99_999 }] },
      }),
    });
    await keelson.create(
      applicationOf({ name: 'refused', repoURL: repository.url, namespace: 'bad-refused' }),
    );
    const ended = await keelson.sync('refused');
    expect(ended.phase).toBe('Failed');
    expect(ended.message).toContain('Service bad-refused/refused');
    const step = ended.steps.find((one) => one.key.name === 'refused');
    expect(step).toMatchObject({ status: 'SyncFailed' });
    expect(step?.message).toContain('spec.ports[0].port');
  });
});
