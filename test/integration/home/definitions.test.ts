import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definitionTexts, ownDefinitions } from '../../../bin/compose/definitions.ts';
import { operatorOfDefinitions } from '../../../bin/operator/operate-definitions.ts';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import {
  type InstalledDefinition,
  installDefinitions,
} from '../../../cluster/installation/install-definitions.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import { ownersOf } from '../../../core/diff/fields/field-set.ts';
import { listAt, valueAt } from '../../../core/object/json/field.ts';
import { definitionManager } from '../../../core/object/managers.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import type { LocalCluster } from '../../../local/kubernetes/cluster.ts';
import { toolPath } from '../../../local/obtain/tools.ts';
import {
  applicationPart,
  applicationSetSpec,
  applicationSpec,
  blockObjects,
  openGenerator,
} from '../../guide/frame.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { type CliRun, keelson } from '../../support/keelson/run-cli.ts';
import { failureOf } from '../../support/process/failure.ts';

let local: LocalCluster;
let client: ClusterClient;
const signal = new AbortController().signal;

const theirSchema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: { type: 'object', required: ['theirs'], properties: { theirs: { type: 'string' } } },
  },
};
let first: readonly InstalledDefinition[];
let keptSchema: unknown;
let takenOver: CliRun;

beforeAll(async () => {
  local = await testPlatform().startCluster({ controllers: false });
  client = createClusterClient(credentialsFromKubeconfig(readFileSync(local.kubeconfigPath, 'utf8')));
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } });
  const definitions = await ownDefinitions();
  const [application] = definitions;
  if (application === undefined) throw new Error('there are no definitions');
  await client.create(withSchema(application, theirSchema), { fieldManager: 'kubectl-create' });
  first = await installDefinitions(client, definitions, { signal });
  keptSchema = schemaOf(await client.get(application.apiVersion, keyOf(application)));
  takenOver = await keelson(
    ['admin', 'crds', '--apply', '--take-over', '--kubeconfig', local.kubeconfigPath],
    { definitions: operatorOfDefinitions({}, signal) },
  );
});

function withSchema(definition: Manifest, openAPIV3Schema: object): Manifest {
  const spec = definition['spec'] as { versions: object[] };
  const versions = spec.versions.map((version) => ({ ...version, schema: { openAPIV3Schema } }));
  return { ...definition, spec: { ...spec, versions } };
}

function schemaOf(definition: Manifest | undefined): unknown {
  return valueAt(listAt(definition, 'spec', 'versions')[0], 'schema', 'openAPIV3Schema');
}

afterAll(async () => {
  await client?.close();
  await local?.stop();
});

async function kubectl(...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(await toolPath('kubectl'), [
    '--kubeconfig',
    local.kubeconfigPath,
    ...words,
  ]);
  return stdout;
}

const imageUpdater: Manifest = {
  apiVersion: 'argocd-image-updater.argoproj.io/v1alpha1',
  kind: 'ImageUpdater',
  metadata: { name: 'images', namespace: 'argocd' },
  spec: {
    namespace: 'argocd',
    commonUpdateSettings: { updateStrategy: 'semver', ignoreTags: ['latest'] },
    applicationRefs: [
      { namePattern: '*', useAnnotations: true, labelSelectors: { matchLabels: { team: 'web' } } },
      {
        namePattern: 'web-*',
        images: [
          {
            alias: 'web',
            imageName: 'registry.example.com/web:1.x',
            manifestTargets: { helm: { name: 'image.name', tag: 'image.tag' } },
          },
        ],
        writeBackConfig: { method: 'git:secret:git-creds', gitConfig: { branch: 'main' } },
      },
    ],
  },
};

const unknown: Manifest = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'unknown-fields', namespace: 'argocd' },
  invented: { at: 'the root' },
  spec: {
    destination: { name: 'in-cluster', namespace: 'a', zone: 'b' },
    source: {
      repoURL: 'https://git.example.com/a.git',
      path: 'a',
      helm: { valuesObject: { none: null, number: 9_007_199_254_740_993n, deep: [{ a: [1, 'b'] }] } },
      kustomize: {
        replicas: [
          { name: 'web', count: '2' },
          { name: 'db', count: 3 },
        ],
      },
      cue: { package: 'main' },
    },
    sourceHydrator: { drySource: { repoURL: 'a' }, syncSource: { targetBranch: 'b' } },
    syncPolicy: { automated: {}, retry: { limit: -1, jitter: '5s' } },
  },
};

const examples: readonly (readonly [string, readonly Manifest[]])[] = [
  ...['06.1-1', '06.2-1', '06.3-1', '06.4-1', '06.5-2', '06.5-3', '13.1-1', '24.2-1'].map(
    (block) => [block, blockObjects(`${block}.yaml`)] as const,
  ),
  ...['08.1-2', '08.2-1', '10.1-1', '10.2-1'].map(
    (block) => [block, blockObjects(`${block}.yaml`, applicationSpec(`block-${block}`))] as const,
  ),
  ...['16-2', '17-1', '19.1-1'].map(
    (block) => [block, blockObjects(`${block}.yaml`, applicationPart(`block-${block}`))] as const,
  ),
  ['11.1-1', blockObjects('11.1-1.yaml', openGenerator)],
  ['11.2-1', blockObjects('11.2-1.yaml', applicationSetSpec('pull-requests'))],
  ['an ImageUpdater', [imageUpdater]],
  ['fields that nobody knows', [unknown]],
];

describe('the definitions of our kinds', () => {
  it('are small enough for a client-side apply', async () => {
    const sizes = [...(await definitionTexts()).values()].map((text) => text.length);
    expect(sizes).toHaveLength(4);
    for (const definition of await ownDefinitions()) {
      expect(JSON.stringify(definition).length).toBeLessThan(200_000);
    }
  });

  it.each(examples)('keep every field of %s', async (_name, objects) => {
    for (const object of objects) {
      const named = { ...object, metadata: { ...object.metadata, namespace: 'argocd' } };
      await client.applyServerSide(named);
      const live = await client.get(object.apiVersion, keyOf(named));
      const { metadata, ...rest } = live as Manifest;
      const { metadata: given, ...body } = named;
      expect(rest).toEqual(body);
      expect(metadata).toMatchObject(given);
    }
  });

  it.each<[string, object, string]>([
    ['a quoted boolean', { syncPolicy: { automated: { prune: 'true' } } }, 'spec.syncPolicy.automated.prune'],
    [
      'a number for a revision',
      { source: { repoURL: 'https://git.example.com/a.git', path: 'a', targetRevision: 1.2 } },
      'spec.source.targetRevision',
    ],
    [
      'a text for a list',
      { syncPolicy: { syncOptions: 'CreateNamespace=true' } },
      'spec.syncPolicy.syncOptions',
    ],
    ['a source without an address', { source: { path: 'a' } }, 'spec.source.repoURL'],
    [
      'values that are a text where a map belongs',
      { source: { repoURL: 'a', path: 'a', helm: { valuesObject: 'a: 1' } } },
      'spec.source.helm.valuesObject',
    ],
    ['no destination', { destination: null }, 'spec.destination'],
  ])('let the API server refuse %s, and name it', async (_name, spec, field) => {
    const [whole] = blockObjects('06.1-1.yaml');
    const wrong = {
      ...whole,
      metadata: { name: 'wrong', namespace: 'argocd' },
      spec: { ...(whole?.['spec'] as object), ...spec },
    } as Manifest;
    const error = await failureOf(client.create(wrong));
    expect(error).toMatchObject({ code: 'object-invalid' });
    expect(error.message).toContain(field);
  });

  it.each<[string, object, string]>([
    ['a window', { syncWindows: [{ manualSync: 'yes' }] }, 'spec.syncWindows[0].manualSync'],
    [
      'a kind without a group',
      { clusterResourceWhitelist: [{ kind: 'Namespace' }] },
      'clusterResourceWhitelist',
    ],
    ['a role without a name', { roles: [{ policies: [] }] }, 'spec.roles[0].name'],
  ])('let the API server refuse %s of a project', async (_name, spec, field) => {
    const error = await failureOf(
      client.create({
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'AppProject',
        metadata: { name: 'wrong', namespace: 'argocd' },
        spec,
      }),
    );
    expect(error.message).toContain(field);
  });

  it('take a status with the rest of an Application, and apart of an ApplicationSet', async () => {
    const [application] = blockObjects('06.4-1.yaml');
    const [set] = blockObjects('11.1-1.yaml', openGenerator);
    if (application === undefined || set === undefined) throw new Error('the blocks hold nothing');
    await client.applyServerSide(application);
    await client.applyServerSide(set);
    const status = { sync: { status: 'Synced', revision: 'a1b2c3' }, health: { status: 'Healthy' } };
    expect(await client.patch(application.apiVersion, keyOf(application), { status }, 'merge')).toMatchObject(
      {
        status,
      },
    );
    expect(await client.patch(set.apiVersion, keyOf(set), { status: { a: 1 } }, 'merge')).not.toHaveProperty(
      'status',
    );
    const apart = { subresource: 'status' };
    expect(
      await client.patch(set.apiVersion, keyOf(set), { status: { a: 1 } }, 'merge', apart),
    ).toMatchObject({ status: { a: 1 } });
  });

  it('give kubectl the usual names and columns', async () => {
    const [application] = blockObjects('06.4-1.yaml');
    if (application === undefined) throw new Error('the block holds nothing');
    await client.applyServerSide(application);
    const status = { sync: { status: 'OutOfSync', revision: 'a1b2c3' }, health: { status: 'Missing' } };
    await client.patch(application.apiVersion, keyOf(application), { status }, 'merge');
    const [head, row] = (await kubectl('get', 'app', '-n', 'argocd', 'my-kustomize-app')).split('\n');
    expect(head?.trim().split(/\s{2,}/)).toEqual(['NAME', 'SYNC STATUS', 'HEALTH STATUS']);
    expect(row?.trim().split(/\s{2,}/)).toEqual(['my-kustomize-app', 'OutOfSync', 'Missing']);
    const wide = await kubectl('get', 'apps', '-n', 'argocd', 'my-kustomize-app', '-o', 'wide');
    expect(wide).toMatch(/REVISION +PROJECT/);
    expect(wide).toMatch(/a1b2c3 +default/);
    for (const name of ['appproj', 'appprojs', 'appset', 'appsets', 'imageupdaters']) {
      expect(await kubectl('get', name, '-n', 'argocd', '-o', 'name')).not.toBe('');
    }
    const updaters = await kubectl('get', 'imageupdaters', '-n', 'argocd');
    expect(
      updaters
        .split('\n')[0]
        ?.trim()
        .split(/\s{2,}/),
    ).toEqual(['NAME', 'APPS', 'IMAGES', 'LAST CHECKED', 'READY']);
  });

  it('are installed again without a change, by several at once', async () => {
    const definitions = await ownDefinitions();
    const versions = async () =>
      Promise.all(
        definitions.map(
          async (one) => (await client.get(one.apiVersion, keyOf(one)))?.metadata.resourceVersion,
        ),
      );
    const before = await versions();
    const all = await Promise.all([1, 2, 3].map(() => installDefinitions(client, definitions, { signal })));
    expect(all.flat().map(({ outcome }) => outcome)).toEqual(Array(12).fill('applied'));
    expect(await versions()).toEqual(before);
  });

  it('leave those that somebody else has installed, until they are taken over', async () => {
    expect(first.map(({ outcome }) => outcome)).toEqual(['kept', 'applied', 'applied', 'applied']);
    expect(keptSchema).toEqual(theirSchema);
    expect(takenOver).toMatchObject({ status: 0, stderr: '' });
    expect(takenOver.stdout.split('\n')).toContain('applications.argoproj.io installed');
    const [application] = await ownDefinitions();
    if (application === undefined) throw new Error('there are no definitions');
    const live = await client.get(application.apiVersion, keyOf(application));
    expect(live?.['spec']).toMatchObject(application['spec'] as object);
    expect(JSON.stringify(live)).not.toContain('theirs');
    const owners = live === undefined ? [] : ownersOf(live).filter(({ subresource }) => subresource === '');
    expect(owners.map(({ manager }) => manager)).toEqual([definitionManager]);
  });

  it('go to no cluster whose kubeconfig is not there, and to that of the roles without a flag', async () => {
    const run = (env: Record<string, string>, ...flags: string[]) =>
      keelson(['admin', 'crds', '--apply', ...flags], { definitions: operatorOfDefinitions(env, signal) });
    const away = await run({ HOME: '/nonexistent' });
    expect(away.status).toBe(1);
    expect(away.stderr).toContain(
      "/nonexistent/.kube/config can't be read; name the file of the cluster with --kubeconfig FILE",
    );
    expect(await run({}, '--kubeconfig', local.kubeconfigPath)).toMatchObject({ status: 0 });
    const ofRoles = { KEELSON_IN_CLUSTER_KUBECONFIG: local.kubeconfigPath, KUBECONFIG: '/nonexistent' };
    expect(await run(ofRoles)).toMatchObject({ status: 0 });
    expect(await run({ KUBECONFIG: `${local.kubeconfigPath}:/nonexistent` })).toMatchObject({ status: 0 });
  });

  it('are printed as they are', async () => {
    const { stdout } = await keelson(['admin', 'crds'], { definitions: operatorOfDefinitions({}, signal) });
    expect(stdout).toBe([...(await definitionTexts()).values()].join('---\n'));
  });
});
