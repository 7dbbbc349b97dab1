/**
 * From the creation of many applications to all of them Synced and Healthy, beside the same objects applied straight
 * to the API server; asked every 250 ms for name, sync and health, as a dashboard does. Both several times in turn, since a
 * machine's own speed drifts by a third within minutes, after a first round that is printed and not counted: in it the
 * programs, which have just started, are compiled. Then one application from request to Succeeded beside
 * `kubectl apply --server-side`.
 * Run: node bench/many-applications.ts [--temporal dev|server] [--applications 100] [--rounds 3] [--single 10]
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { mapBounded } from '../core/bounded.ts';
import { KeelsonError } from '../core/errors.ts';
import type { Manifest } from '../core/object/manifest/manifest.ts';
import { toolPath } from '../local/obtain/tools.ts';
import { pollUntil } from '../local/poll.ts';
import { createReporter } from '../local/reporter.ts';
import { applicationOf, configMap, deployment, yamlOf } from '../test/support/keelson/applications.ts';
import type { TestKeelson } from '../test/support/keelson/keelson.ts';
import { quantile } from './support/figures.ts';
import { startStage, type TemporalKind } from './support/stage.ts';

const run = promisify(execFile);
/** As many writes at once as a wave of Keelson makes. */
const parallelWrites = 20;
const settleSeconds = 180;
/** What a dashboard asks of each application, and how often. */
const shownFields = ['status.sync.status', 'status.health.status'];
const pollMilliseconds = 250;

const { values } = parseArgs({
  options: {
    temporal: { type: 'string', default: 'dev' },
    applications: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    single: { type: 'string', default: '10' },
  },
});
if (values.temporal !== 'dev' && values.temporal !== 'server') {
  throw new KeelsonError('invalid-argument', `--temporal ${values.temporal}: use dev or server`);
}
const temporal: TemporalKind = values.temporal;
const count = Number(values.applications);
const rounds = Number(values.rounds);
const singles = Number(values.single);
const reporter = createReporter();
console.log(`${new Date().toISOString()}, Temporal ${temporal}, ${cpus().length} cores, load ${load()}`);
const stage = await startStage(temporal, reporter);
try {
  let [floors, ours] = [0, 0];
  for (let round = 0; round <= rounds; round++) {
    const floor = await measureFloor(stage.keelson, `floor-${round}`);
    console.log(`floor: ${count} x 10 objects applied and available in ${floor.toFixed(2)} s`);
    const keelson = await measureApplications(stage.keelson, `many-${round}`);
    console.log(`keelson: ${count} applications created, Synced and Healthy in ${keelson.toFixed(2)} s`);
    const counted = round === 0 ? ', just started, not counted' : '';
    console.log(`ratio: ${(keelson / floor).toFixed(2)}${counted}, load ${load()}`);
    if (round === 0) continue;
    floors += floor;
    ours += keelson;
  }
  console.log(`ratio of all rounds: ${(ours / floors).toFixed(2)} (goal: at most 2)`);
  await measureSingle(stage.keelson);
} finally {
  await stage.stop();
}

function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

/** Ten objects of the kinds that a small service is made of; one of them has to become available. */
function serviceObjects(name: string): Manifest[] {
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  return [
    deployment(name),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: { app: name }, ports: [{ port: 80 }] },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name },
      roleRef: role,
      subjects: [{ kind: 'ServiceAccount', name }],
    },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { token: name } },
    ...['a', 'b', 'c', 'd'].map((part) => configMap(`${name}-${part}`, { part })),
  ];
}

/** Seconds from the first apply to the last Deployment available, without anything of Keelson in between. */
async function measureFloor({ cluster }: TestKeelson, prefix: string): Promise<number> {
  const names = Array.from({ length: count }, (_, number) => `${prefix}-${number}`);
  const startedAt = performance.now();
  await mapBounded(names, parallelWrites, async (name) => {
    await cluster.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  });
  const objects = names.flatMap((name) =>
    serviceObjects(name).map((object) => ({ ...object, metadata: { ...object.metadata, namespace: name } })),
  );
  await mapBounded(objects, parallelWrites, async (object) => {
    await cluster.applyServerSide(object, { fieldManager: 'floor' });
  });
  const deployments = await cluster.resourceFor('apps/v1', 'Deployment');
  await pollUntil('the floor', settleSeconds, async () => {
    const { items } = await cluster.list(deployments);
    const available = items.filter(
      ({ metadata, status }) =>
        metadata.name?.startsWith(`${prefix}-`) &&
        (status as { availableReplicas?: number } | undefined)?.availableReplicas,
    );
    return available.length >= count;
  });
  return (performance.now() - startedAt) / 1000;
}

/** Seconds from the first creation to the moment when the API says of all that they are Synced and Healthy. */
async function measureApplications(keelson: TestKeelson, prefix: string): Promise<number> {
  const names = Array.from({ length: count }, (_, number) => `${prefix}-${number}`);
  const repository = await keelson.gitServer.createRepository(
    prefix,
    Object.fromEntries(names.map((name) => [`${name}/app.yaml`, yamlOf(...serviceObjects(name))])),
  );
  const startedAt = performance.now();
  await mapBounded(names, parallelWrites, async (name) => {
    await keelson.create(
      applicationOf({
        name,
        path: name,
        repoURL: repository.url,
        namespace: name,
        syncPolicy: { automated: { prune: true, selfHeal: true } },
      }),
    );
  });
  const createdAt = performance.now();
  await pollUntil(
    'all applications',
    settleSeconds,
    async () => {
      const applications = await keelson.client.applications.pick(shownFields);
      return (
        applications.filter(
          ({ metadata, status }) =>
            metadata.name?.startsWith(`${prefix}-`) &&
            status?.sync?.status === 'Synced' &&
            status.health?.status === 'Healthy',
        ).length >= count
      );
    },
    pollMilliseconds,
  );
  console.log(`  of it until all were created: ${((createdAt - startedAt) / 1000).toFixed(2)} s`);
  return (performance.now() - startedAt) / 1000;
}

/** One application of 20 objects in one wave, changed before each sync, beside kubectl with the same files. */
async function measureSingle(keelson: TestKeelson): Promise<void> {
  const objects = (version: number): Manifest[] =>
    Array.from({ length: 20 }, (_, number) => configMap(`part-${number}`, { version: String(version) }));
  const repository = await keelson.gitServer.createRepository('single', {
    'app.yaml': yamlOf(...objects(0)),
  });
  await keelson.create(applicationOf({ name: 'single', repoURL: repository.url, namespace: 'single' }));
  await keelson.sync('single');
  const kubectl = await toolPath('kubectl');
  const folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  const ours: number[] = [];
  const theirs: number[] = [];
  try {
    for (let version = 1; version <= singles; version++) {
      await repository.commit({ 'app.yaml': yamlOf(...objects(version)) });
      const view = await keelson.sync('single');
      ours.push(Date.parse(view.finishedAt ?? '') - Date.parse(view.requestedAt));
      const file = join(folder, 'app.yaml');
      writeFileSync(file, yamlOf(...objects(version)));
      const startedAt = performance.now();
      await run(kubectl, [
        '--kubeconfig',
        keelson.kubeconfigPath,
        '-n',
        'default',
        'apply',
        '--server-side',
        '-f',
        file,
      ]);
      theirs.push(performance.now() - startedAt);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const [mine, floor] = [quantile(ours, 0.5), quantile(theirs, 0.5)];
  console.log(`one application, 20 objects: request to Succeeded p50 ${mine.toFixed(0)} ms`);
  console.log(`kubectl apply --server-side of the same files: p50 ${floor.toFixed(0)} ms`);
  console.log(`ratio: ${(mine / floor).toFixed(2)} (goal: at most 2)`);
}
