import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApplicationSource } from '../../../core/application/source/source-spec.ts';
import type { Application } from '../../../core/application/spec/spec.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { pollUntil } from '../../../local/poll.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import type { TestRepository } from '../../support/servers/git-server.ts';

let keelson: TestKeelson;
let charts: TestRepository;
let values: TestRepository;
let plain: TestRepository;

beforeAll(async () => {
  keelson = await startKeelson();
  charts = await keelson.gitServer.createRepository('charts', {
    'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
    'web/values.yaml': 'color: none\n',
    'web/templates/c.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {color: {{ .Values.color }}}\n',
  });
  values = await keelson.gitServer.createRepository('values', { 'prod.yaml': 'color: red\n' });
  plain = await keelson.gitServer.createRepository('plain', {
    'a.yaml': yamlOf(configMap('extra', { version: '1' })),
  });
});

afterAll(async () => {
  await keelson?.stop();
});

function chartSource(): ApplicationSource {
  return {
    repoURL: charts.url,
    path: 'web',
    targetRevision: 'main',
    helm: { valueFiles: ['$values/prod.yaml'] },
  };
}

function several(name: string, sources: readonly ApplicationSource[], syncPolicy = {}): Application {
  const { spec, ...rest } = applicationOf({ name, repoURL: '', namespace: name, syncPolicy });
  const { source: _, ...kept } = spec;
  return { ...rest, spec: { ...kept, sources: [...sources] } };
}

async function dataOf(namespace: string, name: string): Promise<Manifest[string]> {
  const found = await keelson.cluster.get('v1', { group: '', kind: 'ConfigMap', namespace, name });
  return found?.['data'];
}

async function push(repository: TestRepository): Promise<void> {
  const reply = await fetch(`${keelson.url}/api/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-github-event': 'push' },
    body: JSON.stringify({
      ref: 'refs/heads/main',
      repository: { clone_url: repository.url, html_url: repository.url, default_branch: 'main' },
    }),
  });
  expect(reply.status).toBe(200);
}

describe('several sources', () => {
  it('are synced together, with values of one for the chart of another, and shown with their revisions', async () => {
    await keelson.create(
      several('shop', [
        chartSource(),
        { repoURL: values.url, targetRevision: 'main', ref: 'values' },
        { repoURL: plain.url, path: '.', targetRevision: 'main' },
      ]),
    );
    expect(await keelson.sync('shop')).toMatchObject({ phase: 'Succeeded', historyId: 0 });
    await keelson.healthy('shop');
    expect(await dataOf('shop', 'web')).toEqual({ color: 'red' });
    expect(await dataOf('shop', 'extra')).toEqual({ version: '1' });

    const { status, spec } = await keelson.client.applications.get('shop');
    const sha = expect.stringMatching(/^[0-9a-f]{40}$/);
    expect(status?.sync).toMatchObject({ status: 'Synced', revisions: [sha, sha, sha] });
    expect(status?.sync?.revision).toBeUndefined();
    expect(status?.sync?.comparedTo).toMatchObject({ sources: spec.sources });
    expect(status?.sourceTypes).toEqual(['Helm', '', 'Directory']);
    expect(status?.sourceType).toBeUndefined();
    expect(status?.history?.[0]).toMatchObject({
      revisions: status?.sync?.revisions,
      sources: spec.sources,
    });
    expect(status?.operationState?.syncResult).toMatchObject({ revisions: status?.sync?.revisions });
  });

  it('follow a push to the repository that only lends its files', async () => {
    await keelson.create(
      several('follower', [chartSource(), { repoURL: values.url, targetRevision: 'main', ref: 'values' }], {
        automated: { prune: true },
      }),
    );
    await keelson.healthy('follower');
    const before = (await keelson.client.applications.get('follower')).status?.sync?.revisions;
    await values.commit({ 'prod.yaml': 'color: green\n' });
    await push(values);
    await pollUntil('the values of the push are live', 60, async () => {
      const data = await dataOf('follower', 'web');
      return JSON.stringify(data) === '{"color":"green"}';
    });
    await keelson.healthy('follower');
    const after = (await keelson.client.applications.get('follower')).status?.sync?.revisions;
    expect(after?.[0]).toBe(before?.[0]);
    expect(after?.[1]).not.toBe(before?.[1]);
    const [latest] = await keelson.client.operations.list('follower', 1);
    expect(latest).toMatchObject({ phase: 'Succeeded', revisions: after, request: { revisions: after } });
    expect(latest?.initiatedBy.automated).toBe(true);
  });

  it('are synced to revisions by their positions, and rolled back to all revisions of a deployment', async () => {
    const first = (await keelson.client.applications.get('shop')).status?.history?.[0]?.revisions ?? [];
    await plain.commit({ 'a.yaml': yamlOf(configMap('extra', { version: '2' })) });
    const ahead = await keelson.sync('shop', { revisions: [first[1] ?? ''], sourcePositions: [2] });
    expect(ahead).toMatchObject({ phase: 'Succeeded', historyId: 1 });
    expect(ahead.revisions?.[1]).toBe(first[1]);
    expect(ahead.revisions?.[2]).not.toBe(first[2]);
    expect(await dataOf('shop', 'web')).toEqual({ color: 'red' });
    expect(await dataOf('shop', 'extra')).toEqual({ version: '2' });
    expect(await keelson.sync('shop')).toMatchObject({ phase: 'Succeeded', historyId: 2 });
    expect(await dataOf('shop', 'web')).toEqual({ color: 'green' });

    const { operationId } = await keelson.client.operations.rollback('shop', { id: 0 });
    await pollUntil('rolled back', 60, async () => {
      const view = await keelson.client.operations.get('shop', operationId);
      return view.finishedAt !== undefined;
    });
    expect(await keelson.client.operations.get('shop', operationId)).toMatchObject({
      phase: 'Succeeded',
      revisions: first,
    });
    expect(await dataOf('shop', 'web')).toEqual({ color: 'red' });
    expect(await dataOf('shop', 'extra')).toEqual({ version: '1' });
  });

  it.each<[string, object, RegExp]>([
    [
      'a position that is none',
      { revisions: ['v1'], sourcePositions: [4] },
      /source position is out of range: 4/,
    ],
    ['revisions without positions', { revisions: ['v1'] }, /differ in length \(1 and 0\)/],
    ['a revision that names no source', { revision: 'v1' }, /names no source of an application with several/],
  ])('refuse %s', async (_, body, message) => {
    await expect(keelson.sync('shop', body)).rejects.toThrow(message);
  });

  it('refuse another revision of a source while automated sync would undo it', async () => {
    const body = { revisions: ['v1'], sourcePositions: [2] };
    await expect(keelson.sync('follower', body)).rejects.toThrow(
      /Cannot sync source http.*values.* to v1: auto-sync currently set to main/,
    );
  });

  it('let the last of two objects with one key win, with a warning', async () => {
    const other = await keelson.gitServer.createRepository('other', {
      'a.yaml': yamlOf(configMap('extra', { version: 'other' })),
    });
    await keelson.create(
      several('repeated', [
        { repoURL: plain.url, path: '.' },
        { repoURL: other.url, path: '.' },
      ]),
    );
    expect(await keelson.sync('repeated')).toMatchObject({ phase: 'Succeeded' });
    await keelson.healthy('repeated');
    expect(await dataOf('repeated', 'extra')).toEqual({ version: 'other' });
    const { status } = await keelson.client.applications.get('repeated');
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({
        type: 'RepeatedResourceWarning',
        message: 'Resource /ConfigMap/repeated/extra appeared 2 times among application resources.',
      }),
    );
  });

  it('name the source that is wrong when one cannot be rendered', async () => {
    await keelson.create(
      several('unresolved', [
        { repoURL: plain.url, path: '.' },
        { repoURL: charts.url, path: 'web', helm: { valueFiles: ['$nobody/prod.yaml'] } },
      ]),
    );
    const ended = await keelson.sync('unresolved');
    expect(ended.phase).toBe('Error');
    expect(ended.message).toContain('source referenced "$nobody", but no source has a \'ref\' field defined');
    expect(ended.message).toContain(charts.url);
  });
});
