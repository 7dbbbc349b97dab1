import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import { isUnchanged } from '../../../core/diff/compare.ts';
import { provesEqual } from '../../../core/diff/predict/offline-equal.ts';
import { canonicalValues } from '../../../core/diff/rules/known-types.ts';
import { formerManagers } from '../../../core/object/managers.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import type { LocalCluster } from '../../../local/kubernetes/cluster.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

const owner = { manager: 'keelson', formerManagers };
const namespace = 'offline';
/** 3,000 runs found no counterexample; these few keep the file short. */
const runs = 150;

let local: LocalCluster;
let client: ClusterClient;
let count = 0;

beforeAll(async () => {
  local = await testPlatform().startCluster({ controllers: false });
  client = createClusterClient(credentialsFromKubeconfig(readFileSync(local.kubeconfigPath, 'utf8')));
  await client.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});

afterAll(async () => {
  await client?.close();
  await local?.stop();
});

const word = fc.constantFrom('a', 'b', 'c');
const texts = fc.dictionary(word, word, { maxKeys: 3 });
const quantity = fc.constantFrom('1', '1000m', '0.5', '1Gi', '1024Mi', '100M', '1e3', '1.5Gi', 2, 0.1);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const uniqueBy = <T>(value: fc.Arbitrary<T>, key: (one: T) => unknown): fc.Arbitrary<T[]> =>
  fc.uniqueArray(value, { selector: key, minLength: 1, maxLength: 3 });

const env = fc.record({ name: word, value: optional(word) });
const port = fc.record({
  containerPort: fc.constantFrom(80, 443, 8080),
  protocol: optional(fc.constantFrom('TCP', 'UDP')),
  name: optional(word),
});
const container = fc.record({
  name: word,
  image: fc.constantFrom('a:1', 'b:2'),
  args: optional(fc.array(word, { maxLength: 2 })),
  env: optional(uniqueBy(env, (one) => one.name)),
  ports: optional(uniqueBy(port, (one) => `${one.containerPort}/${one.protocol ?? 'TCP'}`)),
  resources: optional(
    fc.record({ limits: optional(fc.record({ cpu: quantity, memory: optional(quantity) })) }),
  ),
  securityContext: optional(fc.constantFrom({}, { runAsUser: 1 }, { capabilities: { drop: ['ALL'] } })),
});
const deployment = fc.record({
  apiVersion: fc.constant('apps/v1'),
  kind: fc.constant('Deployment'),
  spec: fc.record({
    replicas: optional(fc.constantFrom(1, 2)),
    strategy: optional(fc.constantFrom({}, { type: 'Recreate' }, { type: 'RollingUpdate' })),
    selector: fc.constant({ matchLabels: { app: 'x' } }),
    template: fc.record({
      metadata: fc.constantFrom(
        { labels: { app: 'x' } },
        { labels: { app: 'x', b: 'c' }, annotations: {} },
        { labels: { app: 'x' }, creationTimestamp: null },
      ),
      spec: fc.record({
        containers: uniqueBy(container, (one) => one.name),
        nodeSelector: optional(texts),
        tolerations: optional(
          fc.array(fc.record({ key: word, operator: fc.constant('Exists') }), { maxLength: 2 }),
        ),
        volumes: optional(
          uniqueBy(
            fc.record({ name: word, emptyDir: fc.constantFrom({}, { sizeLimit: '1024Mi' }) }),
            (one) => one.name,
          ),
        ),
      }),
    }),
  }),
});
const service = fc.record({
  apiVersion: fc.constant('v1'),
  kind: fc.constant('Service'),
  spec: fc.record({
    selector: optional(texts),
    ports: uniqueBy(
      fc.record({
        name: word,
        port: fc.constantFrom(80, 443, 8080),
        targetPort: optional(fc.constantFrom('web', 80)),
        protocol: optional(fc.constantFrom('TCP', 'UDP')),
      }),
      (one) => one.name,
    ).filter(
      (ports) => new Set(ports.map((one) => `${one.port}/${one.protocol ?? 'TCP'}`)).size === ports.length,
    ),
  }),
});
const configMap = fc.record({
  apiVersion: fc.constant('v1'),
  kind: fc.constant('ConfigMap'),
  data: optional(texts),
  immutable: optional(fc.constant(false)),
});
const role = fc.record({
  apiVersion: fc.constant('rbac.authorization.k8s.io/v1'),
  kind: fc.constant('Role'),
  rules: fc.array(
    fc.record({
      apiGroups: fc.constant(['']),
      resources: fc.array(word, { minLength: 1, maxLength: 2 }),
      verbs: fc.constant(['get']),
    }),
    { maxLength: 2 },
  ),
});
const ingress = fc.record({
  apiVersion: fc.constant('networking.k8s.io/v1'),
  kind: fc.constant('Ingress'),
  spec: fc.record({
    rules: fc.array(
      fc.record({
        host: optional(fc.constantFrom('a.example', 'b.example')),
        http: fc.constant({
          paths: [
            { path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } },
          ],
        }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  }),
});
const metadata = fc.record({
  labels: optional(texts),
  annotations: optional(texts),
  finalizers: optional(fc.constantFrom([], ['keelson.test/a'], ['keelson.test/a', 'keelson.test/b'])),
});

/** JSON has no undefined, and neither have manifests. */
function manifestOf(content: object, meta: object, name: string): Manifest {
  return JSON.parse(JSON.stringify({ ...content, metadata: { ...meta, name, namespace } })) as Manifest;
}

type Content = Record<string, unknown>;
const content = fc.oneof<fc.Arbitrary<Content>[]>(deployment, service, configMap, role, ingress);
/** What happens between the sync and the comparison. */
const edit = fc.record({
  manager: fc.constantFrom('keelson', 'kubectl-edit', 'other'),
  metadata,
  kind: fc.constantFrom('none', 'apply-other', 'patch-labels', 'patch-spec'),
});

describe('core/diff/offline-equal against an API server', () => {
  it('never says equal of an object that a dry run would change', async () => {
    let proven = 0;
    let asked = 0;
    const property = fc.asyncProperty(
      content,
      metadata,
      fc.option(fc.tuple(content, metadata), { nil: undefined, freq: 2 }),
      edit,
      async (before, beforeMetadata, after, change) => {
        const name = `object-${++count}`;
        const first = manifestOf(before, beforeMetadata, name);
        const applied = await client
          .applyServerSide(first, { fieldValidation: 'Ignore' })
          .catch(() => undefined);
        if (applied === undefined) return;
        // A refused edit is no edit.
        await disturb(first, change).catch(() => {});
        const live = await client.get(first.apiVersion, {
          group: first.apiVersion.split('/').at(-2) ?? '',
          kind: first.kind,
          namespace,
          name,
        });
        if (live === undefined) return;
        const sameKind = after !== undefined && after[0]['kind'] === first.kind;
        const desired = sameKind ? manifestOf(after[0], after[1], name) : first;
        asked++;
        const equal = provesEqual(canonicalValues(desired), live, owner);
        if (!equal) return;
        proven++;
        const predicted = await client.applyServerSide(desired, { dryRun: true, fieldValidation: 'Ignore' });
        const bare = ({ status: _, ...kept }: Manifest): Manifest => kept as Manifest;
        if (!isUnchanged(bare(live), bare(predicted))) {
          throw new Error(
            `${JSON.stringify(desired)}\nlive ${JSON.stringify(live)}\npredicted ${JSON.stringify(predicted)}`,
          );
        }
      },
    );
    await fc.assert(property, { numRuns: runs, endOnFailure: true });
    // A proof that never succeeds would pass too.
    expect(proven).toBeGreaterThan(asked / 10);
  });
});

type Edit = { manager: string; metadata: object; kind: string };

async function disturb(applied: Manifest, { manager, metadata: meta, kind }: Edit): Promise<void> {
  const key = {
    group: applied.apiVersion.split('/').at(-2) ?? '',
    kind: applied.kind,
    namespace,
    name: applied.metadata.name ?? '',
  };
  const options = { fieldManager: manager, fieldValidation: 'Ignore' } as const;
  if (kind === 'apply-other') {
    const { labels = {} } = meta as { labels?: object };
    await client.applyServerSide(
      {
        apiVersion: applied.apiVersion,
        kind: applied.kind,
        metadata: { name: key.name, namespace, labels },
      } as Manifest,
      options,
    );
  }
  if (kind === 'patch-labels')
    await client.patch(applied.apiVersion, key, { metadata: meta }, 'merge', options);
  if (kind === 'patch-spec' && applied.kind === 'Deployment') {
    await client
      .patch(
        applied.apiVersion,
        key,
        { spec: { replicas: 2, template: { spec: { containers: [{ name: 'a', image: 'z' }] } } } },
        'strategic',
        options,
      )
      .catch(() => undefined);
  }
}
