/**
 * What comparisons cost and how often they agree with `kubectl diff`, on 1,000 objects of a real API server.
 * Run: node bench/diff.ts [objects=1000]
 */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createVerdicts, type Verdicts } from '../activities/session/compare/verdicts.ts';
import { applyObject } from '../cluster/apply/apply-object.ts';
import type { Predictor } from '../cluster/compare/predict.ts';
import type { ClusterClient } from '../cluster/request/client.ts';
import { mapBounded } from '../core/bounded.ts';
import { compareContext } from '../core/diff/context.ts';
import { canonicalJson } from '../core/object/json/canonical.ts';
import { keyOf, type Manifest } from '../core/object/manifest/manifest.ts';
import { defaultSettings } from '../core/settings/settings.ts';
import { toolPath } from '../local/obtain/tools.ts';
import { pollUntil } from '../local/poll.ts';
import { createReporter } from '../local/reporter.ts';
import { createJq } from '../platform/jq/jq.ts';
import { startAdmissionWebhook } from '../test/support/servers/admission-webhook.ts';
import { startBareCluster } from './support/bare-cluster.ts';
import { type DiffCase, diffCases, hookedNamespace, plainNamespace } from './support/diff-cases.ts';

const parallelRequests = 20;
/** Why the two tell differently of a class of objects. */
const explanations: Readonly<Record<string, string>> = {
  webhook: 'kubectl counts what only the webhook changes; so does IncludeMutationWebhook=true',
  'argocd-field-to-remove': 'the sync takes over the field and removes it; a dry run of the apply keeps it',
};
const [objects = 1000] = process.argv.slice(2).map(Number);
const reporter = createReporter();
const cluster = await startBareCluster(reporter);
const { client, folder } = cluster;
const webhook = await startAdmissionWebhook((object) => [
  {
    op: 'add',
    path: '/metadata/annotations',
    value: { ...object.metadata.annotations, 'webhook.test/seen': 'yes' },
  },
]);
const jq = createJq();
try {
  await run();
} finally {
  await Promise.all([webhook.close(), jq.close()]);
  await cluster.stop();
}

async function run(): Promise<void> {
  for (const name of [plainNamespace, hookedNamespace]) {
    await client.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  const cases = diffCases(objects);
  await mapBounded(cases, parallelRequests, ({ synced, former }) => plant(client, synced, former));
  await client.create(
    webhook.configuration({ name: 'bench', resources: ['configmaps'], namespaceLabel: hookedNamespace }),
  );
  await pollUntil('webhook', 30, async () => {
    const probe = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'probe', namespace: hookedNamespace },
    };
    return (
      (await client.create(probe, { dryRun: true })).metadata.annotations?.['webhook.test/seen'] === 'yes'
    );
  });
  await mapBounded(
    cases,
    parallelRequests,
    async ({ synced, edit }) => void (edit && (await edit(client, synced))),
  );

  const counted = counting(client);
  const verdicts = createVerdicts({ client: counted.client, jq });
  await comparisonOf(
    'nothing changed',
    cases.map(({ synced }) => synced),
    verdicts,
    counted,
  );
  await comparisonOf(
    'nothing changed, again',
    cases.map(({ synced }) => synced),
    verdicts,
    counted,
  );
  const ours = await comparisonOf(
    'planted differences',
    cases.map(({ desired }) => desired),
    verdicts,
    counted,
  );
  const kubectl = await toolPath('kubectl');
  await kubectlDiff(
    kubectl,
    'nothing changed',
    cases.map(({ synced }) => synced),
  );
  const theirs = await kubectlDiff(
    kubectl,
    'planted differences',
    cases.map(({ desired }) => desired),
  );
  explain(cases, ours, theirs);
  console.log(`load ${loadavg()[0]?.toFixed(1)}`);
}

/** Writes an object as Keelson would, or as somebody before it. */
async function plant(to: ClusterClient, manifest: Manifest, former: DiffCase['former']): Promise<void> {
  if (former === undefined) {
    await applyObject(to, manifest, { strategy: 'server-side', validate: true, force: false });
    return;
  }
  if (former.operation === 'Apply') {
    await to.applyServerSide(manifest, { fieldManager: former.manager });
    return;
  }
  await to.create(manifest, { fieldManager: former.manager });
}

async function comparisonOf(
  name: string,
  manifests: readonly Manifest[],
  verdicts: Verdicts,
  counted: { requests(): number },
): Promise<Set<string>> {
  const live = await liveObjects(manifests);
  const context = compareContext(defaultSettings, { annotations: {}, spec: {} }, 'bench');
  const before = counted.requests();
  const startedAt = performance.now();
  const changed = new Set<string>();
  await mapBounded(manifests, parallelRequests, async (manifest) => {
    const current = live.get(idOf(manifest));
    const desired = { manifest, digest: canonicalJson(manifest) };
    if (current === undefined || (await verdicts.compare(desired, current, context)).changed) {
      changed.add(idOf(manifest));
    }
  });
  report('keelson', name, counted.requests() - before, startedAt, changed.size);
  return changed;
}

/** Sessions hold live objects in memory; here they are read once, outside of what is measured. */
async function liveObjects(manifests: readonly Manifest[]): Promise<Map<string, Manifest>> {
  const kinds = new Map(manifests.map((manifest) => [`${manifest.apiVersion}/${manifest.kind}`, manifest]));
  const live = new Map<string, Manifest>();
  for (const { apiVersion, kind } of kinds.values()) {
    const { items } = await client.list(await client.resourceFor(apiVersion, kind));
    for (const object of items) live.set(idOf(object), object);
  }
  return live;
}

function counting(to: ClusterClient): { client: Predictor; requests(): number } {
  let requests = 0;
  const counted = <T>(call: Promise<T>): Promise<T> => {
    requests++;
    return call;
  };
  return {
    requests: () => requests,
    client: {
      get: (...call) => counted(to.get(...call)),
      applyServerSide: (...call) => counted(to.applyServerSide(...call)),
      patch: (...call) => counted(to.patch(...call)),
      discover: (...call) => counted(to.discover(...call)),
    },
  };
}

/** `kubectl diff` names each file it found different in the output; -v=6 logs its requests. */
async function kubectlDiff(
  kubectl: string,
  name: string,
  manifests: readonly Manifest[],
): Promise<Set<string>> {
  const file = join(folder, 'manifests.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }));
  mkdirSync(join(folder, 'kube'), { recursive: true });
  const startedAt = performance.now();
  const { output, log } = await outputOf(kubectl, [
    ...['diff', '--server-side', '--force-conflicts', '--field-manager=keelson', '--concurrency=20', '-v=6'],
    ...['--kubeconfig', cluster.kubeconfigPath, '--cache-dir', join(folder, 'kube'), '-f', file],
  ]);
  const requests = log
    .split('\n')
    .filter((line) => /verb="?(GET|PATCH|POST|PUT)|(GET|PATCH|POST|PUT) https:/.test(line));
  const found = [...output.matchAll(/^diff .*\/MERGED-\d+\/(\S+)$/gm)].map(([, path]) => path ?? '');
  report('kubectl', name, requests.length, startedAt, found.length);
  return new Set(found);
}

function outputOf(command: string, args: readonly string[]): Promise<{ output: string; log: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let log = '';
    child.stdout.on('data', (part: Buffer) => (output += part.toString()));
    child.stderr.on('data', (part: Buffer) => (log += part.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      // 1 says that there are differences.
      if (code === 0 || code === 1) resolve({ output, log });
      else reject(new Error(`kubectl ended with ${code}: ${log.slice(-2000)}`));
    });
  });
}

function explain(cases: readonly DiffCase[], ours: ReadonlySet<string>, theirs: ReadonlySet<string>): void {
  const classes = new Map<string, { objects: number; ours: number; theirs: number; differ: number }>();
  for (const { name, desired } of cases) {
    const row = classes.get(name) ?? { objects: 0, ours: 0, theirs: 0, differ: 0 };
    const [we, they] = [ours.has(idOf(desired)), theirs.has(fileOf(desired))];
    row.objects++;
    if (we) row.ours++;
    if (they) row.theirs++;
    if (we !== they) row.differ++;
    classes.set(name, row);
  }
  console.log('class: objects, different by keelson, by kubectl, disagreements');
  for (const [name, { objects: count, ours: we, theirs: they, differ }] of classes) {
    const why = differ === 0 ? '' : ` (${explanations[name] ?? 'NOT EXPLAINED'})`;
    console.log(`  ${name}: ${count}, ${we}, ${they}, ${differ}${why}`);
  }
}

function idOf(manifest: Manifest): string {
  const { group, kind, namespace, name } = keyOf(manifest);
  return `${group}/${kind}/${namespace}/${name}`;
}

/** The name under which kubectl writes an object to be compared. */
function fileOf({ apiVersion, kind, metadata }: Manifest): string {
  return [apiVersion.replace('/', '.'), kind, metadata.namespace, metadata.name].join('.');
}

function report(who: string, what: string, requests: number, startedAt: number, different: number): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(2);
  console.log(`${who}, ${what}: ${requests} requests, ${seconds} s, ${different} different`);
}
