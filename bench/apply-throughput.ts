import type { ClusterClient } from '../cluster/request/client.ts';
import { createReporter } from '../local/reporter.ts';
import { startBareCluster } from './support/bare-cluster.ts';

const [applies = 1000, concurrency = 20] = process.argv.slice(2).map(Number);
const cluster = await startBareCluster(createReporter());
const { client } = cluster;
try {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bench' } };
  await client.applyServerSide(namespace);
  await measure('warm-up', 100, 0);
  await measure('create', applies, 1);
  await measure('unchanged', applies, 1);
  await measure('change', applies, 2);
} finally {
  await cluster.stop();
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
