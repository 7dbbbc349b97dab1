import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../core/object/json/canonical.ts';
import { formatJson, parseJson } from '../../../core/object/json/json.ts';
import { connectDatabase } from '../../../db/client.ts';
import { changeSettingsWords } from '../../../db/queries/installation/settings-words.ts';
import { toolPath } from '../../../local/obtain/tools.ts';
import { pollUntil } from '../../../local/poll.ts';
import { createKeyring } from '../../../platform/encryption.ts';
import { applicationOf } from '../../support/keelson/applications.ts';
import { removeKind, serveKind } from '../../support/keelson/custom-kind.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

const group = 'names.example.com';
const apiVersion = `${group}/v1`;
const definitionName = `holders.${group}`;

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: definitionName },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind: 'Holder', plural: 'holders' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        },
      },
    ],
  },
};

const words = {
  [`resource.customizations.health.${group}_Holder`]: `
if obj.spec["__proto__"].constructor == "c" then return {status = "Healthy"} end
return {status = "Degraded"}`,
  [`resource.customizations.actions.${group}_Holder`]: `
discovery.lua: |
  return {["touch"] = {}}
definitions:
  - name: touch
    action.lua: |
      obj.spec["__proto__"].touched = "yes"
      return obj
`,
};

/** Keys that a ConfigMap may have and every object of JavaScript has too; written as text, so that none is lost here. */
const all = '"__proto__":"p","constructor":"c","hasOwnProperty":"h","plain":"x","toString":"t"';

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

/** A field of a live object as the API server's own client shows it, without blanks. */
async function shown(namespace: string, kind: string, name: string, field = 'data'): Promise<string> {
  const at = [`--kubeconfig=${keelson.kubeconfigPath}`, '-n', namespace];
  const { stdout } = await promisify(execFile)(kubectl, [...at, 'get', kind, name, '-o', 'json']);
  return formatJson((parseJson(stdout) as Record<string, unknown>)[field]);
}

/** Changes a key of a live ConfigMap as somebody else would. */
function edit(namespace: string, name: string, data: string): Promise<unknown> {
  const key = { group: '', kind: 'ConfigMap', namespace, name };
  return keelson.cluster.patch('v1', key, parseJson(`{"data": {${data}}}`) as object, 'merge', {
    fieldManager: 'somebody',
  });
}

const configMapText = (name: string, data: string): string =>
  `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "${name}"}, "data": {${data}}}`;

async function synced(name: string): Promise<void> {
  expect(await keelson.sync(name)).toMatchObject({ phase: 'Succeeded' });
  await keelson.healthy(name);
}

describe('keys with the names of JavaScript’s own', () => {
  it.each([
    ['server', []],
    ['client', ['ServerSideApply=false']],
    ['replaced', ['Replace=true']],
  ])('come, change, are compared and go as any others: %s', async (strategy, options) => {
    const namespace = `any-names-${strategy}`;
    const name = namespace;
    const files = (data: string) => ({
      'a.json': configMapText('json', data),
      'b.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata: {${data.replaceAll('":', '": ')}}\n`,
    });
    const repository = await keelson.gitServer.createRepository(name, files(all));
    const syncPolicy = { syncOptions: ['CreateNamespace=true', ...options] };
    await keelson.create(applicationOf({ name, repoURL: repository.url, namespace, syncPolicy }));
    const live = () => Promise.all(['json', 'yaml'].map((map) => shown(namespace, 'configmap', map)));
    await synced(name);
    expect(await live()).toEqual([`{${all}}`, `{${all}}`]);

    await edit(namespace, 'json', '"__proto__": "of somebody"');
    await pollUntil('the difference is seen', 20, async () => {
      return (await keelson.client.applications.get(name)).status?.sync?.status === 'OutOfSync';
    });
    const states = await keelson.client.applications.managedResources(name);
    const state = states.find((one) => one.name === 'json');
    expect(state?.normalizedLiveState).toContain('"__proto__":"of somebody"');
    expect(state?.predictedLiveState).toContain('"__proto__":"p"');
    expect(state?.targetState).toContain('"__proto__":"p"');

    const changed = all
      .replace('"c"', '"d"')
      .replace('"p"', '"q"')
      .replace('"toString":"t"', '"valueOf":"v"');
    await repository.commit(files(changed));
    await synced(name);
    expect(await live()).toEqual([`{${changed}}`, `{${changed}}`]);

    await repository.commit(files('"plain":"x"'));
    await synced(name);
    expect(await live()).toEqual(['{"plain":"x"}', '{"plain":"x"}']);
  });

  it('stay as somebody else set them where the difference is ignored', async () => {
    const namespace = 'any-names-ignored';
    const file = (data: string) => ({ 'a.json': configMapText('one', data) });
    const repository = await keelson.gitServer.createRepository(namespace, file(all));
    const syncPolicy = { syncOptions: ['CreateNamespace=true', 'RespectIgnoreDifferences=true'] };
    const plain = applicationOf({ name: namespace, repoURL: repository.url, namespace, syncPolicy });
    const rules = [
      { kind: 'ConfigMap', jsonPointers: ['/data/__proto__'], jqPathExpressions: ['.data.constructor'] },
    ];
    await keelson.create({ ...plain, spec: { ...plain.spec, ignoreDifferences: rules } });
    await synced(namespace);
    await edit(namespace, 'one', '"__proto__": "theirs", "constructor": "theirs"');
    await repository.commit(file(all.replace('"x"', '"y"')));
    await synced(namespace);
    const kept = all.replace('"p"', '"theirs"').replace('"c"', '"theirs"').replace('"x"', '"y"');
    expect(await shown(namespace, 'configmap', 'one')).toBe(`{${kept}}`);
  });

  it('come from Kustomize, from a chart and from values of the application, and are hidden in Secrets', async () => {
    const namespace = 'any-names-tools';
    const literals = ['__proto__=p', 'constructor=c', 'toString=t'];
    const { url } = await keelson.gitServer.createRepository(namespace, {
      'kustomize/kustomization.yaml': `configMapGenerator: [{name: made, literals: ${formatJson(literals)}}]\nsecretGenerator: [{name: hidden, literals: ${formatJson(literals)}}]\ngeneratorOptions: {disableNameSuffixHash: true}\n`,
      'chart/Chart.yaml': 'apiVersion: v2\nname: names\nversion: 0.1.0\n',
      'chart/values.yaml': 'own: {__proto__: p, constructor: c}\n',
      'chart/templates/a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: templated}\ndata: {{ merge .Values.own .Values.given | toJson }}\n',
    });
    const valuesObject = parseJson('{"given": {"__proto__": "overridden", "toString": "t"}}');
    await keelson.create(applicationOf({ name: namespace, repoURL: url, path: 'kustomize', namespace }));
    const chart = { path: 'chart', helm: { valuesObject } };
    await keelson.create(applicationOf({ name: 'any-names-chart', repoURL: url, namespace, source: chart }));
    await Promise.all([synced(namespace), synced('any-names-chart')]);
    const texts = '{"__proto__":"p","constructor":"c","toString":"t"}';
    expect(await shown(namespace, 'configmap', 'made')).toBe(texts);
    expect(await shown(namespace, 'configmap', 'templated')).toBe(texts);
    expect(await shown(namespace, 'secret', 'hidden')).toBe(
      '{"__proto__":"cA==","constructor":"Yw==","toString":"dA=="}',
    );
    const { spec } = await keelson.client.applications.get('any-names-chart');
    expect(canonicalJson(spec.source?.helm?.valuesObject)).toBe(canonicalJson(valuesObject));
    const hidden = (await keelson.client.applications.managedResources(namespace)).find(
      ({ kind }) => kind === 'Secret',
    );
    for (const text of [hidden?.targetState, hidden?.normalizedLiveState]) {
      expect(text).toMatch(/"__proto__":"\++"/);
      expect(text).not.toContain('cA==');
    }
  });

  it('are seen and kept by scripts of health and of actions, at any depth', async () => {
    const namespace = 'any-names-lua';
    const spec =
      '{"list":[{"__proto__":{"toString":1}}],"__proto__":{"constructor":"c","__proto__":{"a":1}}}';
    const repository = await keelson.gitServer.createRepository(namespace, {
      'a.json': `{"apiVersion": "${apiVersion}", "kind": "Holder", "metadata": {"name": "one"}, "spec": ${spec}}`,
    });
    await keelson.create(applicationOf({ name: namespace, repoURL: repository.url, namespace }));
    await synced(namespace);
    const live = async (): Promise<unknown> => parseJson(await shown(namespace, 'holders', 'one', 'spec'));
    expect(await live()).toEqual(parseJson(spec));
    const object = { group, version: 'v1', kind: 'Holder', namespace, name: 'one' };
    await keelson.client.applications.runAction(namespace, object, { action: 'touch', parameters: [] });
    expect(formatJson(await live())).toContain('"touched":"yes"');
    expect(await live()).toEqual(parseJson(spec.replace('"constructor"', '"touched":"yes","constructor"')));
  });
});
