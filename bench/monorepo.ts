/**
 * A repository of many applications: how many of them a commit renders, and how long after its webhook.
 * Run: node bench/monorepo.ts [--temporal dev|server] [--applications 1000] [--repeat 5]
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { mapBounded } from '../core/bounded.ts';
import { KeelsonError } from '../core/errors.ts';
import { pollUntil } from '../local/poll.ts';
import { createReporter } from '../local/reporter.ts';
import { applicationOf, configMap, yamlOf } from '../test/support/keelson/applications.ts';
import type { TestKeelson } from '../test/support/keelson/keelson.ts';
import type { Files } from '../test/support/render/git-import.ts';
import type { TestRepository } from '../test/support/servers/git-server.ts';
import { cpuSecondsOf, cpuText, usedBetween } from './support/cpu-seconds.ts';
import { quantile } from './support/figures.ts';
import { libraryTemplate, monorepoOf, overlayPatch } from './support/monorepo-files.ts';
import { pushWebhook } from './support/push-webhook.ts';
import { startStage } from './support/stage.ts';

const createdAtOnce = 20;
const firstRenderSeconds = 900;
const changeSeconds = 120;

const { values } = parseArgs({
  options: {
    temporal: { type: 'string', default: 'dev' },
    applications: { type: 'string', default: '1000' },
    repeat: { type: 'string', default: '5' },
  },
});
if (values.temporal !== 'dev' && values.temporal !== 'server') {
  throw new KeelsonError('invalid-argument', `--temporal ${values.temporal}: use dev or server`);
}
const count = Number(values.applications);
const repeat = Number(values.repeat);
console.log(
  `${new Date().toISOString()}, Temporal ${values.temporal}, ${cpus().length} cores, load ${load()}`,
);
const stage = await startStage(values.temporal, createReporter());
const pool = new pg.Pool({ connectionString: stage.databaseUrl, max: 2 });
let wrong = 0;
/** Milliseconds until each webhook was answered. */
const answered: number[] = [];
/** Milliseconds from the webhook, by what was changed. */
const times = new Map<string, { decided: number[]; done: number[] }>();
try {
  await measure(stage.keelson);
} finally {
  await pool.end();
  await stage.stop();
}
if (wrong > 0)
  throw new KeelsonError('internal', `${wrong} commits rendered other applications than they change`);

function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

async function measure(keelson: TestKeelson): Promise<void> {
  const { files, folders } = monorepoOf(count);
  const repository = await keelson.gitServer.createRepository('monorepo', files);
  const startedAt = performance.now();
  const used = cpuOf(keelson);
  await mapBounded([...folders], createdAtOnce, async ([name, path]) => {
    await keelson.create(applicationOf({ name, path, repoURL: repository.url, namespace: name }));
  });
  await pollUntil(
    'the first renders',
    firstRenderSeconds,
    async () => (await rendered()).size === count,
    1000,
  );
  console.log(`${count} applications created and rendered in ${seconds(performance.now() - startedAt)}`);
  for (const line of used()) console.log(`  ${line}`);

  const overlay = [...folders].find(([, path]) => path.startsWith('overlays/'))?.[0] ?? '';
  const base =
    JSON.stringify(files[`overlays/${overlay}/kustomization.yaml`]).match(/bases\/[\w-]+/)?.[0] ?? '';
  const ofBase = [...folders.keys()].filter((name) =>
    String(files[`overlays/${name}/kustomization.yaml`] ?? '').includes(`${base}\n`),
  );
  const ofLibrary = [...folders.keys()].filter((name) => `charts/${name}/Chart.yaml` in files);
  for (let round = 1; round <= repeat; round++) {
    await report(
      keelson,
      repository,
      'one overlay',
      { [`overlays/${overlay}/patch.yaml`]: overlayPatch(round) },
      [overlay],
    );
  }
  for (let round = 1; round <= repeat; round++) {
    await report(keelson, repository, 'no application', { 'README.md': `round ${round}\n` }, []);
  }
  const changedBase = { [`${base}/base.yaml`]: yamlOf(configMap('base', { version: '1' })) };
  await report(keelson, repository, 'a shared base', changedBase, ofBase);
  await report(
    keelson,
    repository,
    'the library chart',
    { 'lib/templates/_word.tpl': libraryTemplate(1) },
    ofLibrary,
  );
  for (const [what, { decided, done }] of times) {
    console.log(
      `${what}: all at the new revision or raised p50 ${seconds(quantile(decided, 0.5))}, last render p50 ${seconds(quantile(done, 0.5))}, max ${seconds(quantile(done, 1))}`,
    );
  }
  const [p50, most] = [quantile(answered, 0.5), quantile(answered, 1)];
  console.log(
    `webhooks answered in p50 ${p50.toFixed(0)} ms, max ${most.toFixed(0)} ms (goal: at most 50 ms)`,
  );
  console.log(`load ${load()}`);
}

async function report(
  keelson: TestKeelson,
  repository: TestRepository,
  what: string,
  files: Files,
  expected: readonly string[],
): Promise<void> {
  const before = await rendered();
  const listings = keelson.gitServer.count('refs');
  const sha = await repository.commit(files);
  const startedAt = performance.now();
  await pushWebhook(keelson, repository);
  answered.push(performance.now() - startedAt);
  let decided = 0;
  let done = 0;
  await pollUntil(
    'all applications at the pushed commit',
    changeSeconds,
    async () => {
      const { rows } = await pool.query<{ moved: number; open: number }>(
        `select count(*) filter (where desired_revision = $1)::int as moved,
           count(*) filter (where dirty.rendered_generation < dirty.generation)::int as open
         from application_status join dirty using (application_id)`,
        [sha],
      );
      const { moved = 0, open = 0 } = rows[0] ?? {};
      const elapsed = performance.now() - startedAt;
      if (decided === 0 && moved + open >= count) decided = elapsed;
      if (moved === count && open === 0) done = elapsed;
      return done > 0;
    },
    10,
  );
  const after = await rendered();
  const names = [...after].filter(([name, render]) => before.get(name) !== render).map(([name]) => name);
  const exact = JSON.stringify(names.sort()) === JSON.stringify([...expected].sort());
  if (!exact) wrong += 1;
  const sample = times.get(what) ?? { decided: [], done: [] };
  times.set(what, { decided: [...sample.decided, decided], done: [...sample.done, done] });
  console.log(
    `${what}: ${names.length} rendered (${exact ? 'exactly those' : `NOT those: expected ${expected.length}`}), ` +
      `decided after ${seconds(decided)}, done after ${seconds(done)}, ${keelson.gitServer.count('refs') - listings} requests of refs`,
  );
}

/** Processor time of the roles from now until it is asked for. */
function cpuOf(keelson: TestKeelson): () => string[] {
  const pids = Object.entries(keelson.pids());
  const before = pids.map(([, pid]) => cpuSecondsOf(pid));
  return () =>
    pids.map(([role, pid], position) => {
      const first = before[position];
      return first === undefined ? role : `${role}: ${cpuText(usedBetween(first, cpuSecondsOf(pid)))}`;
    });
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

/** The render of each application, by name. */
async function rendered(): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ name: string; render: string }>(
    `select name, desired_render_id as render from applications
      join application_status on application_id = id where desired_render_id is not null`,
  );
  return new Map(rows.map(({ name, render }) => [name, render]));
}
