import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Application } from '../../../core/application/spec/spec.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import { runGit } from '../../support/render/git-import.ts';
import type { TestRepository } from '../../support/servers/git-server.ts';

let keelson: TestKeelson;
let inner: TestRepository;
let outer: TestRepository;
let charts: TestRepository;

beforeAll(async () => {
  keelson = await startKeelson();
  inner = await keelson.gitServer.createRepository('inner', lib('1'));
  outer = await keelson.gitServer.createRepository('outer', {
    '.gitmodules': '[submodule "lib"]\n\tpath = vendor/lib\n\turl = ../inner\n',
    'vendor/lib': { submodule: await head() },
    'app/kustomization.yaml': stringify({ resources: ['../vendor/lib/base'], namePrefix: 'x-' }),
  });
  charts = await keelson.gitServer.createRepository('submodule-charts', {
    'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
    'values.yaml': 'color: none\n',
    'templates/c.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {color: {{ .Values.color | quote }}}\n',
  });
});

afterAll(async () => {
  await keelson?.stop();
});

function lib(version: string) {
  return {
    'base/kustomization.yaml': stringify({ resources: ['a.yaml'] }),
    'base/a.yaml': yamlOf(configMap('a', { version })),
    'prod.yaml': `color: red-${version}\n`,
  };
}

async function head(): Promise<string> {
  return await runGit(inner.dir, ['rev-parse', 'refs/heads/main']);
}

function borrowing(): Application {
  const { spec, ...rest } = applicationOf({ name: 'borrowing', repoURL: '', namespace: 'submodules' });
  const { source: _, ...kept } = spec;
  // A file that is not there would be passed over in silence.
  const helm = { valueFiles: ['$lent/vendor/lib/prod.yaml'], ignoreMissingValueFiles: true };
  return {
    ...rest,
    spec: {
      ...kept,
      sources: [
        { repoURL: charts.url, path: '.', targetRevision: 'main', helm },
        { repoURL: outer.url, targetRevision: 'main', ref: 'lent' },
      ],
    },
  };
}

async function dataOf(name: string): Promise<unknown> {
  const key = { group: '', kind: 'ConfigMap', namespace: 'submodules', name };
  return (await keelson.cluster.get('v1', key))?.['data'];
}

describe('sources with submodules', () => {
  it('are synced with what is in them, and again when they are at another commit', async () => {
    await keelson.create(
      applicationOf({ name: 'outer', repoURL: outer.url, path: 'app', namespace: 'submodules' }),
    );
    expect(await keelson.sync('outer')).toMatchObject({ phase: 'Succeeded' });
    expect(await dataOf('x-a')).toEqual({ version: '1' });
    await inner.commit(lib('2'));
    await keelson.sync('outer');
    expect(await dataOf('x-a')).toEqual({ version: '1' });
    await outer.commit({ 'vendor/lib': { submodule: await head() } });
    await keelson.sync('outer');
    expect(await dataOf('x-a')).toEqual({ version: '2' });
  });

  it('may be inside a submodule', async () => {
    const path = 'vendor/lib/base';
    await keelson.create(
      applicationOf({ name: 'inside', repoURL: outer.url, path, namespace: 'submodules' }),
    );
    expect(await keelson.sync('inside')).toMatchObject({ phase: 'Succeeded' });
    expect(await dataOf('a')).toEqual({ version: '2' });
  });

  it('lend files of them', async () => {
    await keelson.create(borrowing());
    expect(await keelson.sync('borrowing')).toMatchObject({ phase: 'Succeeded' });
    expect(await dataOf('web')).toEqual({ color: 'red-2' });
  });
});
