/**
 * Whether anything grows for ever: applications whose commits come all the time, with all retention at five minutes. A
 * line is fitted over the last half for the memory of each role, the rows of each table, open workflows and the sizes of
 * both stores; each has to rise by less than 2%, or by less than twice the line's standard error.
 * Run: node bench/churn.ts [--minutes 30] [--applications 200] [--commits 3]
 */
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import pg from 'pg';
import { mapBounded } from '../core/bounded.ts';
import { defaultRetention } from '../core/settings/retention.ts';
import { createReporter } from '../local/reporter.ts';
import { applicationOf, configMap, yamlOf } from '../test/support/keelson/applications.ts';
import type { TestKeelson } from '../test/support/keelson/keelson.ts';
import type { TestRepository } from '../test/support/servers/git-server.ts';
import { pushWebhook } from './support/push-webhook.ts';
import { type Stage, startStage } from './support/stage.ts';
import { riseOf, type Series } from './support/steady.ts';

const run = promisify(execFile);
const kept = '5m';
const lookSeconds = 15;
const mostRise = 0.02;
const createdAtOnce = 20;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    applications: { type: 'string', default: '200' },
    commits: { type: 'string', default: '3' },
  },
});
const minutes = Number(values.minutes);
const count = Number(values.applications);
const perSecond = Number(values.commits);
console.log(`${new Date().toISOString()}, ${cpus().length} cores, load ${load()}`);
const stage = await startStage('dev', createReporter());
const pool = new pg.Pool({ connectionString: stage.databaseUrl, max: 2 });
const figures = new Map<string, { seconds: number; value: number }[]>();
let rising = 0;
try {
  await keepLittle(stage);
  const repository = await createAll(stage.keelson);
  const startedAt = performance.now();
  const elapsed = (): number => (performance.now() - startedAt) / 1000;
  const [commits] = await Promise.all([
    commitAll(stage.keelson, repository, elapsed),
    lookAll(stage, elapsed),
  ]);
  console.log(`${commits} commits in ${minutes} minutes, load ${load()}`);
  report();
} finally {
  await pool.end();
  await stage.stop();
}
if (rising > 0) process.exitCode = 1;

function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

/** Sets the times for which both stores keep what has ended. */
async function keepLittle({ keelson }: Stage): Promise<void> {
  const words = Object.keys(defaultRetention)
    .map((name) => `${name}: ${kept}`)
    .join('\n');
  await keelson.client.settings.put({ 'argocd-cm': { 'keelson.retention': words } }, { partial: false });
}

async function createAll(keelson: TestKeelson): Promise<TestRepository> {
  const names = Array.from({ length: count }, (_, number) => `churn-${number}`);
  const files = Object.fromEntries(names.map((name) => [`${name}/app.yaml`, contentOf(name, 0)]));
  const repository = await keelson.gitServer.createRepository('churn', files);
  await mapBounded(names, createdAtOnce, async (name) => {
    await keelson.create(
      applicationOf({
        ...{ name, path: name, repoURL: repository.url, namespace: 'churn' },
        syncPolicy: { automated: { prune: true }, syncOptions: ['CreateNamespace=true'] },
      }),
    );
  });
  for (const name of names) await keelson.healthy(name, 300);
  return repository;
}

function contentOf(name: string, version: number): string {
  return yamlOf(configMap(name, { version: String(version) }), configMap(`${name}-other`, { a: '1' }));
}

/** Changes one application after the other, each by a commit of its own with its webhook. */
async function commitAll(
  keelson: TestKeelson,
  repository: TestRepository,
  elapsed: () => number,
): Promise<number> {
  let commits = 0;
  while (elapsed() < minutes * 60) {
    const name = `churn-${commits % count}`;
    commits++;
    await repository.commit({ [`${name}/app.yaml`]: contentOf(name, commits) });
    await pushWebhook(keelson, repository);
    await sleep(Math.max(0, (commits / perSecond - elapsed()) * 1000));
  }
  return commits;
}

async function lookAll(stage: Stage, elapsed: () => number): Promise<void> {
  const window = minutes * 60;
  for (let next = 0; next <= window; next += lookSeconds) {
    await sleep(Math.max(0, (next - elapsed()) * 1000));
    const seconds = elapsed();
    for (const [name, value] of Object.entries(await look(stage))) {
      figures.set(name, [...(figures.get(name) ?? []), { seconds, value }]);
    }
  }
}

/** All figures at one moment; bytes, or numbers of rows and workflows. */
async function look({ keelson, temporal, temporalFile }: Stage): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [role, pid] of Object.entries(keelson.pids())) found[`PSS of ${role}`] = await pssOf(pid);
  const { rows: tables } = await pool.query<{ name: string }>(
    `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
  );
  for (const { name } of tables) {
    const { rows } = await pool.query<{ count: string }>(`select count(*) from "${name}"`);
    found[`rows of ${name}`] = Number(rows[0]?.count);
  }
  const { rows: sizes } = await pool.query<{ bytes: string }>(
    'select pg_database_size(current_database()) as bytes',
  );
  found['database'] = Number(sizes[0]?.bytes);
  found["Temporal's file"] = sizeOf(temporalFile) + sizeOf(`${temporalFile}-wal`);
  const { count: open } = await temporal.workflow.count("ExecutionStatus='Running'");
  found['open workflows'] = open;
  return found;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Proportional memory of a process and of what it has started. */
async function pssOf(pid: number): Promise<number> {
  const { stdout } = await run('pgrep', ['-P', String(pid)]).catch(() => ({ stdout: '' }));
  const children = stdout.split('\n').filter((line) => line !== '');
  let bytes = 0;
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    bytes = Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1]) * 1024;
  } catch {
    // Safe: a child that has ended since it was listed takes nothing.
  }
  for (const child of children) bytes += await pssOf(Number(child));
  return bytes;
}

function report(): void {
  const width = Math.max(...[...figures.keys()].map((name) => name.length));
  console.log(
    `${''.padEnd(width)}  ${'half-way'.padStart(12)}  ${'end'.padStart(12)}  rise of the line, in doubt by`,
  );
  for (const [name, series] of figures) {
    const half: Series = series.filter(({ seconds }) => seconds >= minutes * 30);
    const { rise, doubt } = riseOf(half);
    // What swings more than it rises, such as workflows that are open at a moment, says nothing of growth.
    const rises = rise >= mostRise && rise > doubt;
    if (rises) rising++;
    const cells = [half[0], half.at(-1)].map((one) => String(Math.round(one?.value ?? 0)).padStart(12));
    const verdict = rises ? '  RISES' : '';
    const share = (part: number): string => (part * 100).toFixed(1).padStart(6);
    console.log(`${name.padEnd(width)}  ${cells.join('  ')}  ${share(rise)}% ${share(doubt)}%${verdict}`);
  }
}
