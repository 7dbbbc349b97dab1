/**
 * Syncs our own charts and kustomizations to a local API server, applies what the plain tools print of them to another
 * one with kubectl, and compares what is live on both, object by object.
 * Run: node bench/sync-parity.ts [--only TEXT]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { ClusterClient } from '../cluster/request/client.ts';
import { KeelsonError } from '../core/errors.ts';
import { keyOf, type Manifest } from '../core/object/manifest/manifest.ts';
import { toolPaths } from '../local/obtain/tools.ts';
import { createReporter } from '../local/reporter.ts';
import { applicationOf } from '../test/support/keelson/applications.ts';
import { renderTools } from '../test/support/render/render-tools.ts';
import type { ParityCase } from './render-parity/cases.ts';
import { type Compared, compareObjects } from './render-parity/compare.ts';
import { filesBelow, sourcesIn } from './render-parity/folders.ts';
import { renderPlain } from './render-parity/plain.ts';
import { type BareCluster, startBareCluster } from './support/bare-cluster.ts';
import { type Stage, startStage } from './support/stage.ts';

/** One source needs a setting of the installation, which the others do without. */
const leftOut = 'kustomize-helm-chart';
/** Written by the server or by controllers, or the mark of whose the object is. */
const foreignMetadata = ['uid', 'resourceVersion', 'creationTimestamp', 'generation', 'managedFields'];
const foreignAnnotations = [
  'argocd.argoproj.io/tracking-id',
  'deployment.kubernetes.io/revision',
  'keelson.dev/step',
];
const foreignSpec = ['clusterIP', 'clusterIPs'];
const run = promisify(execFile);
const own = join(import.meta.dirname, 'render-parity', 'own');
const { values: options } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const reporter = createReporter();
const counts = { sources: 0, objects: 0, equal: 0, undefined: 0, other: 0, failed: 0 };
const stage = await startStage('dev', reporter);
try {
  const plain = await startBareCluster(reporter);
  try {
    await runAll(stage, plain);
  } finally {
    await plain.stop();
  }
} finally {
  await stage.stop();
}
console.log(
  `${counts.sources} sources, ${counts.objects} objects: ${counts.equal} equal, ${counts.other} not; ` +
    `${counts.undefined} of kinds without a definition; ${counts.failed} syncs failed`,
);
process.exitCode = counts.other + counts.failed > 0 ? 1 : 0;

async function runAll({ keelson }: Stage, plain: BareCluster): Promise<void> {
  const { gitVersion } = await keelson.cluster.version();
  for (const one of await sourcesIn(own)) {
    const name = one.path;
    // Parts of a source are sources for the other benchmark alone.
    if (name.includes('/') || name === leftOut || !name.includes(options.only)) continue;
    counts.sources += 1;
    const repository = await keelson.gitServer.createRepository(name, await filesBelow(join(own, name), ''));
    await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name }));
    const { phase, message } = await keelson.sync(name);
    if (phase !== 'Succeeded') {
      counts.failed += 1;
      console.log(`FAILED ${name}: ${message}`);
      continue;
    }
    const wanted = await applyPlainly(plain, one, gitVersion);
    const [ours, theirs] = await Promise.all([live(keelson.cluster, wanted), live(plain.client, wanted)]);
    report(name, compareObjects(ours, theirs));
  }
}

/** Applies what the plain tool prints, definitions first; answers with the objects, each with its namespace. */
async function applyPlainly(
  { client, kubeconfigPath }: BareCluster,
  one: ParityCase,
  kubeVersion: string,
): Promise<Manifest[]> {
  const namespace = one.path;
  const scratch = await mkdtemp(join(tmpdir(), 'keelson-sync-parity-'));
  try {
    const { resources } = await client.discover();
    const apiVersions = resources.flatMap(({ apiVersion, kind }) => [apiVersion, `${apiVersion}/${kind}`]);
    const version = kubeVersion.replace(/^v|[+-].*$/g, '');
    const told = { name: one.path, namespace, kubeVersion: version, apiVersions };
    const { manifests } = await renderPlain(await renderTools(), own, one, scratch, told);
    const { kubectl } = await toolPaths(['kubectl']);
    const apply = async (objects: readonly object[]): Promise<void> => {
      if (objects.length === 0) return;
      const file = join(scratch, 'objects.json');
      await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
      const to = ['--kubeconfig', kubeconfigPath, '--namespace', namespace];
      await run(kubectl, ['apply', '--server-side', '--force-conflicts', ...to, '-f', file]);
    };
    const definitions = manifests.filter(({ kind }) => kind === 'CustomResourceDefinition');
    await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, ...definitions]);
    if (definitions.length > 0) {
      const names = definitions.map(({ metadata }) => `crd/${metadata.name}`);
      const wait = ['wait', '--for=condition=Established', '--timeout=30s', ...names];
      await run(kubectl, ['--kubeconfig', kubeconfigPath, ...wait]);
    }
    const placed = await Promise.all(manifests.map((manifest) => placedIn(client, manifest, namespace)));
    const known = placed.filter((manifest) => manifest !== undefined);
    counts.undefined += placed.length - known.length;
    await apply(known.filter(({ kind }) => kind !== 'CustomResourceDefinition'));
    return known;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The object where kubectl puts it; undefined where the API server doesn't know its kind. */
async function placedIn(
  client: ClusterClient,
  manifest: Manifest,
  namespace: string,
): Promise<Manifest | undefined> {
  try {
    const { namespaced } = await client.resourceFor(manifest.apiVersion, manifest.kind);
    const metadata = namespaced ? { namespace, ...manifest.metadata } : manifest.metadata;
    return { ...manifest, metadata };
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.code !== 'kind-unknown') throw error;
    return undefined;
  }
}

async function live(client: ClusterClient, wanted: readonly Manifest[]): Promise<Manifest[]> {
  const found = await Promise.all(wanted.map((one) => client.get(one.apiVersion, keyOf(one))));
  return found.flatMap((one) => (one === undefined ? [] : [comparable(one)]));
}

function comparable(manifest: Manifest): Manifest {
  const { status: _, ...object } = manifest;
  const annotations = without(object.metadata.annotations ?? {}, foreignAnnotations);
  const metadata = { ...without(object.metadata, foreignMetadata), annotations };
  return {
    ...object,
    metadata,
    ...(object.kind === 'Service' ? { spec: without(object['spec'], foreignSpec) } : {}),
  };
}

function without<T>(fields: T, names: readonly string[]): T {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([name]) => !names.includes(name))) as T;
}

function report(name: string, compared: readonly Compared[]): void {
  const equal = compared.filter(({ verdict }) => verdict === 'equal').length;
  counts.objects += compared.length;
  counts.equal += equal;
  counts.other += compared.length - equal;
  console.log(`${name}: ${equal} of ${compared.length} equal`);
  for (const { object, verdict, paths } of compared) {
    if (verdict !== 'equal') console.log(`  ${verdict}: ${object} ${paths.slice(0, 5).join(' ')}`);
  }
}
