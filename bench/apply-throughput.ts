/**
 * How many server-side applies of small ConfigMaps one client completes per second against a real API server.
 * Run: node bench/apply-throughput.ts [applies=1000] [concurrency=20]
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterClient, createClusterClient } from '../cluster/client.ts';
import { credentialsFromKubeconfig } from '../cluster/kubeconfig.ts';
import { startCluster } from '../local/kubernetes/cluster.ts';
import { startEtcd } from '../local/kubernetes/etcd.ts';
import { createReporter } from '../local/reporter.ts';

const [applies = 1000, concurrency = 20] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
const reporter = createReporter();
const etcd = await startEtcd({ stateDir: join(folder, 'etcd'), reporter });
const cluster = await startCluster({
  stateDir: join(folder, 'cluster'),
  name: 'bench',
  etcd: etcd.access,
  controllers: false,
  reporter,
});
const client = createClusterClient(credentialsFromKubeconfig(readFileSync(cluster.kubeconfigPath, 'utf8')));
try {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bench' } };
  await client.applyServerSide(namespace);
  await measure('warm-up', 100, 0);
  await measure('create', applies, 1);
  await measure('unchanged', applies, 1);
  await measure('change', applies, 2);
} finally {
  await client.close();
  await cluster.stop();
  await etcd.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(name: string, count: number, version: number): Promise<void> {
  const durations: number[] = [];
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let number = next++; number < count; number = next++) {
        durations.push(await timedApply(client, number, version));
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const used = process.cpuUsage(cpu);
  durations.sort((a, b) => a - b);
  const at = (part: number): string => (durations[Math.floor(part * (durations.length - 1))] ?? 0).toFixed(1);
  console.log(
    `${name}: ${(count / seconds).toFixed(0)} applies/s, ${concurrency} at once, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ` +
      `client CPU ${((used.user + used.system) / 1000 / count).toFixed(2)} ms each`,
  );
}

async function timedApply(to: ClusterClient, number: number, version: number): Promise<number> {
  const startedAt = performance.now();
  await to.applyServerSide({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `small-${number}`, namespace: 'bench', labels: { app: 'bench' } },
    data: { number: String(number), version: String(version) },
  });
  return performance.now() - startedAt;
}
