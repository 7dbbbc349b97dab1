import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase } from '../../../db/client.ts';
import { changeSettingsWords } from '../../../db/queries/installation/settings-words.ts';
import { toolPath } from '../../../local/obtain/tools.ts';
import { pollUntil } from '../../../local/poll.ts';
import { createKeyring } from '../../../platform/encryption.ts';
import { applicationOf } from '../../support/keelson/applications.ts';
import { removeKind, serveKind } from '../../support/keelson/custom-kind.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

const group = 'numbers.example.com';
const apiVersion = `${group}/v1`;
const definitionName = `readings.${group}`;

const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: definitionName },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind: 'Reading', plural: 'readings' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                ...open,
                properties: {
                  reading: { type: 'integer', format: 'int64' },
                  all: { type: 'array', items: { type: 'integer', format: 'int64' } },
                },
              },
            },
          },
        },
      },
    ],
  },
};

/** Fields of the spec as the JSON or YAML text that stands in Git: no number of this file is one of JavaScript's. */
const specText =
  '{"reading": 9007199254740993, "all": [9223372036854775807, -9223372036854775808], "free": {"id": 9007199254740995, "large": 18446744073709551615, "round": 1e18, "part": 0.1}}';
/** What kubectl prints of it. */
const liveText =
  '"spec":{"all":[9223372036854775807,-9223372036854775808],"free":{"id":9007199254740995,"large":18446744073709552000,"part":0.1,"round":1000000000000000000},"reading":9007199254740993}';

function readingText(name: string, spec = specText): string {
  return `{"apiVersion": "${apiVersion}", "kind": "Reading", "metadata": {"name": "${name}"}, "spec": ${spec}}`;
}

function readingYaml(name: string, spec = specText): string {
  return `apiVersion: ${apiVersion}\nkind: Reading\nmetadata:\n  name: ${name}\nspec: ${spec}\n`;
}

const words = {
  [`resource.customizations.health.${group}_Reading`]: `
if obj.spec.reading > 9007199254740000 then return {status = "Healthy"} end
return {status = "Degraded"}`,
  [`resource.customizations.actions.${group}_Reading`]: `
discovery.lua: |
  return {["touch"] = {}}
definitions:
  - name: touch
    action.lua: |
      obj.spec.touched = true
      return obj
`,
};

let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let keelson: TestKeelson;
let kubectl: string;

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  keelson = await startKeelsonOn(facts);
  kubectl = await toolPath('kubectl');
  const database = connectDatabase(facts.databaseUrl, { connections: 1, onError: () => {} });
  await database.db.transaction((tx) =>
    changeSettingsWords(tx, createKeyring(keelson.encryptionKey), () => ({ 'argocd-cm': words })),
  );
  await database.close();
  await serveKind(keelson.cluster, definition);
});

afterAll(async () => {
  if (keelson !== undefined) await removeKind(keelson.cluster, definition);
  await keelson?.stop();
  await facts?.drop();
});

/** An object as the API server's own client shows it, without blanks. */
async function shown(namespace: string, name: string): Promise<string> {
  const words = [
    `--kubeconfig=${keelson.kubeconfigPath}`,
    '-n',
    namespace,
    'get',
    'readings',
    name,
    '-o',
    'json',
  ];
  const { stdout } = await promisify(execFile)(kubectl, words);
  return stdout.replace(/\s+/g, '');
}

async function syncStatus(name: string): Promise<string | undefined> {
  return (await keelson.client.applications.get(name)).status?.sync?.status;
}

/** Writes a field of a live object as somebody else would. */
function setReading(namespace: string, name: string, reading: bigint): Promise<unknown> {
  const key = { group, kind: 'Reading', namespace, name };
  return keelson.cluster.patch(apiVersion, key, { spec: { reading } }, 'merge', { fieldManager: 'meter' });
}

describe('texts that JSON and YAML read in two ways', () => {
  const texts = {
    breaks: ' x \u0085 y \u2028 z \u2029 ',
    controls: '\u0001\u007f\u0080\u009f\ufeff\ufffe\uffff',
  };
  const chart = {
    'chart/Chart.yaml': 'apiVersion: v2\nname: texts\nversion: 0.1.0\n',
    // In base64, as a chart's own output is YAML, too.
    'chart/templates/a.yaml':
      '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "templated"}, "data": {"read": "{{ .Values.text | b64enc }}"}}',
  };

  it('come to the cluster as they are, from a file and from the values of an application', async () => {
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'plain' }, data: texts };
    const { url } = await keelson.gitServer.createRepository('texts', {
      'plain/a.json': JSON.stringify(manifest),
      ...chart,
    });
    const of = (name: string, source: object) =>
      keelson.create({
        ...applicationOf({ name, repoURL: url, namespace: 'texts' }),
        spec: {
          project: 'default',
          source: { repoURL: url, ...source },
          destination: { server: 'https://kubernetes.default.svc', namespace: 'texts' },
          syncPolicy: { syncOptions: ['CreateNamespace=true'] },
        },
      });
    await of('texts-plain', { path: 'plain' });
    await of('texts-templated', {
      path: 'chart',
      helm: { valuesObject: { text: texts.breaks } },
    });
    const key = (name: string) => ({ group: '', kind: 'ConfigMap', namespace: 'texts', name });
    expect(await keelson.sync('texts-plain')).toMatchObject({ phase: 'Succeeded' });
    expect((await keelson.cluster.get('v1', key('plain')))?.['data']).toEqual(texts);
    expect(await keelson.sync('texts-templated')).toMatchObject({ phase: 'Succeeded' });
    const read = Buffer.from(texts.breaks).toString('base64');
    expect((await keelson.cluster.get('v1', key('templated')))?.['data']).toEqual({ read });
    expect(await syncStatus('texts-plain')).toBe('Synced');
  });
});

describe('whole numbers beyond 2^53', () => {
  it('come from JSON, YAML and Kustomize to the cluster with every digit', async () => {
    const repository = await keelson.gitServer.createRepository('exact', {
      'plain/a.json': readingText('json'),
      'plain/b.yaml': readingYaml('yaml'),
      'kustomize/kustomization.yaml': 'resources: [reading.yaml]\nnamePrefix: of-\n',
      'kustomize/reading.yaml': readingYaml('kustomize'),
    });
    const namespace = 'exact';
    for (const path of ['plain', 'kustomize']) {
      const name = `exact-${path}`;
      await keelson.create(applicationOf({ name, repoURL: repository.url, path, namespace }));
      expect(await keelson.sync(name)).toMatchObject({ phase: 'Succeeded' });
      await keelson.healthy(name);
    }
    for (const name of ['json', 'yaml', 'of-kustomize'])
      expect(await shown(namespace, name)).toContain(liveText);
  });

  it('come from parameters of Helm, and stay in the values of the application', async () => {
    const repository = await keelson.gitServer.createRepository('exact-chart', {
      'Chart.yaml': 'apiVersion: v2\nname: exact\nversion: 1.0.0\n',
      'templates/reading.yaml': readingYaml('helm', '{ reading: {{ .Values.reading }} }'),
    });
    const application = applicationOf({
      name: 'exact-chart',
      repoURL: repository.url,
      namespace: 'exact',
      source: {
        helm: {
          parameters: [{ name: 'reading', value: '9223372036854775807' }],
          valuesObject: { account: 9007199254740993n },
        },
      },
    });
    await keelson.create(application);
    expect(await keelson.sync('exact-chart')).toMatchObject({ phase: 'Succeeded' });
    await keelson.healthy('exact-chart');
    expect(await shown('exact', 'helm')).toContain('"spec":{"reading":9223372036854775807}');
    const { spec } = await keelson.client.applications.get('exact-chart');
    expect(spec.source?.helm?.valuesObject).toStrictEqual({ account: 9007199254740993n });
  });

  it('differ where one float stands for both, and are shown with every digit', async () => {
    await setReading('exact', 'json', 9007199254740992n);
    await pollUntil(
      'the difference is seen',
      20,
      async () => (await syncStatus('exact-plain')) === 'OutOfSync',
    );
    const states = await keelson.client.applications.managedResources('exact-plain');
    const state = states.find(({ name }) => name === 'json');
    expect(state?.modified).toBe(true);
    expect(state?.normalizedLiveState).toContain('"reading":9007199254740992');
    expect(state?.predictedLiveState).toContain('"reading":9007199254740993');
    expect(state?.targetState).toContain('"all":[9223372036854775807,-9223372036854775808]');
    expect(await keelson.sync('exact-plain')).toMatchObject({ phase: 'Succeeded' });
    expect(await shown('exact', 'json')).toContain(liveText);
  });

  it('stay as a controller set them where the difference is ignored', async () => {
    const file = (text: string): Record<string, string> => ({
      'a.json': readingText('metered', `{"reading": 9007199254740993, "text": "${text}"}`),
    });
    const repository = await keelson.gitServer.createRepository('exact-ignored', file('one'));
    const plain = applicationOf({
      name: 'ignored-number',
      repoURL: repository.url,
      namespace: 'exact',
      syncPolicy: { syncOptions: ['RespectIgnoreDifferences=true'] },
    });
    const rule = { group, kind: 'Reading', jqPathExpressions: ['.spec.reading'] };
    await keelson.create({ ...plain, spec: { ...plain.spec, ignoreDifferences: [rule] } });
    expect(await keelson.sync('ignored-number')).toMatchObject({ phase: 'Succeeded' });
    await setReading('exact', 'metered', 9007199254740995n);
    await repository.commit(file('two'));
    expect(await keelson.sync('ignored-number')).toMatchObject({ phase: 'Succeeded' });
    expect(await shown('exact', 'metered')).toContain('"spec":{"reading":9007199254740995,"text":"two"}');
  });

  it('are left as they were by the script of an action', async () => {
    const object = { group, version: 'v1', kind: 'Reading', namespace: 'exact', name: 'yaml' };
    await keelson.client.applications.runAction('exact-plain', object, { action: 'touch', parameters: [] });
    expect(await shown('exact', 'yaml')).toContain(liveText.replace(/}$/, ',"touched":true}'));
  });
});
