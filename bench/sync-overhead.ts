/**
 * What one sync costs beyond its applies, and how many syncs a second one machine completes.
 * Run: node bench/sync-overhead.ts [--temporal dev|server] [--serial 30] [--burst 100]
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createGit } from '../activities/git/git.ts';
import { untilTerminated } from '../bin/compose/compose.ts';
import { KeelsonError } from '../core/errors.ts';
import { accessTo } from '../core/repository/access.ts';
import { isFinished } from '../core/sync/operation/operation.ts';
import type { OperationView } from '../core/wire/operation.ts';
import { pollUntil } from '../local/poll.ts';
import { createReporter } from '../local/reporter.ts';
import { applicationOf, configMap, yamlOf } from '../test/support/keelson/applications.ts';
import type { TestKeelson } from '../test/support/keelson/keelson.ts';
import { quantile, quantileTable } from './support/figures.ts';
import { type Stage, startStage, type TemporalKind } from './support/stage.ts';
import { type MeasuredSync, measureSync } from './support/sync-parts.ts';

const goalMilliseconds = 150;
const objectsPerApplication = 5;
const namespace = 'bench';
/** A run that takes longer than this has hung, or the machine is too busy for figures. */
const mostSeconds = 180;
/** 128 + SIGINT. */
const interruptedStatus = 130;
/** Rarely enough to cost the measured processes little. */
const pollMilliseconds = 100;

/** An application that exists and has been compared once. */
type Subject = { readonly name: string; readonly id: string };

const options = readOptions();
const reporter = createReporter();
console.log(machine(options.temporal));
const asked = untilTerminated();
const stage = await startStage(options.temporal, reporter);
let timer: NodeJS.Timeout | undefined;
const deadline = new Promise<never>((_, reject) => {
  const late = new KeelsonError(
    'timeout',
    `the benchmark took more than ${mostSeconds} s; is the machine busy?`,
  );
  timer = setTimeout(() => reject(late), mostSeconds * 1000);
});
let status = 1;
try {
  status = await Promise.race([measure(stage).then(() => 0), asked.then(() => interruptedStatus), deadline]);
} finally {
  clearTimeout(timer);
  await stage.stop();
}
process.exit(status);

function readOptions(): { temporal: TemporalKind; serial: number; burst: number } {
  const { values } = parseArgs({
    options: {
      temporal: { type: 'string', default: 'dev' },
      serial: { type: 'string', default: '30' },
      burst: { type: 'string', default: '100' },
    },
  });
  const { temporal } = values;
  const [serial, burst] = [Number(values.serial), Number(values.burst)];
  if (temporal !== 'dev' && temporal !== 'server') {
    throw new KeelsonError('invalid-argument', `--temporal ${temporal}: use dev or server`);
  }
  if (!(serial >= 1) || !(burst >= 0)) {
    throw new KeelsonError('invalid-argument', '--serial and --burst: use numbers of applications');
  }
  return { temporal, serial, burst };
}

function machine(temporal: TemporalKind): string {
  const [cpu] = cpus();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return `${new Date().toISOString()}, Temporal ${temporal}, ${cpus().length} cores (${cpu?.model.trim()}), ${memory} GiB`;
}

/** Load of the last minute beside the number of cores: figures of a busy machine say little. */
function load(): string {
  return `load ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores`;
}

async function measure({ keelson, temporal }: Stage): Promise<void> {
  await keelson.cluster.applyServerSide({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  reporter.say(
    `creating ${options.serial + options.burst} applications of ${objectsPerApplication} ConfigMaps`,
  );
  const { url, subjects } = await createApplications(keelson, options.serial + options.burst);
  const serial = subjects.slice(0, options.serial);
  const burst = subjects.slice(options.serial);

  reporter.say(`one sync after the other, ${load()}`);
  const measured: MeasuredSync[] = [];
  for (const subject of serial) {
    const view = await endOf(keelson, subject, await keelson.request(subject.name));
    measured.push(await measureSync(temporal, subject.id, view));
    // What follows a sync (comparison, status) belongs to it and must not disturb the next one.
    await keelson.healthy(subject.name);
  }
  printOverhead(measured, await timeListings(url, measured.length));

  if (burst.length === 0) return;
  reporter.say(`${burst.length} syncs at once, ${load()}`);
  const requests = burst.map(async (subject) => ({ subject, id: await keelson.request(subject.name) }));
  const views: OperationView[] = [];
  for (const { subject, id } of await Promise.all(requests)) views.push(await endOf(keelson, subject, id));
  printRate(views);
}

async function createApplications(
  keelson: TestKeelson,
  count: number,
): Promise<{ url: string; subjects: Subject[] }> {
  const names = Array.from({ length: count }, (_, number) => `app-${number}`);
  const files = names.map((name) => {
    const maps = Array.from({ length: objectsPerApplication }, (_, n) => configMap(`${name}-${n}`, { name }));
    return [`${name}/app.yaml`, yamlOf(...maps)] as const;
  });
  const { url } = await keelson.gitServer.createRepository('applications', Object.fromEntries(files));
  for (const name of names) {
    await keelson.create(
      applicationOf({ name, repoURL: url, path: name, namespace, syncPolicy: { syncOptions: [] } }),
    );
  }
  let subjects: Subject[] = [];
  await pollUntil('first comparison of every application', 120, async () => {
    const applications = await keelson.client.applications.list();
    subjects = applications
      .filter(({ status }) => status?.sync?.status === 'OutOfSync')
      .map(({ metadata }) => ({ name: metadata.name ?? '', id: metadata.uid ?? '' }));
    return subjects.length === count;
  });
  return { url, subjects };
}

/**
 * How long Git takes to list the repository's refs, which every sync of a branch does once: the part of the overhead
 * that is the Git server's and Git's own.
 */
async function timeListings(repoUrl: string, count: number): Promise<number[]> {
  const cacheDir = mkdtempSync(join(tmpdir(), 'keelson-bench-git-'));
  const git = createGit({ cacheDir, protocols: ['http'] });
  const durations: number[] = [];
  try {
    for (let number = 0; number < count; number += 1) {
      const startedAt = performance.now();
      await git.listRefs({ access: accessTo(repoUrl) });
      durations.push(performance.now() - startedAt);
    }
  } finally {
    rmSync(cacheDir, { recursive: true, force: true });
  }
  return durations;
}

async function endOf(keelson: TestKeelson, { name }: Subject, id: string): Promise<OperationView> {
  let view: OperationView | undefined;
  const ended = async (): Promise<boolean> => {
    view = await keelson.client.operations.get(name, id);
    return isFinished(view.phase);
  };
  await pollUntil(`sync of ${name} ended`, 90, ended, pollMilliseconds);
  if (view?.phase !== 'Succeeded') {
    throw new KeelsonError('internal', `sync of ${name} ended as ${view?.phase}: ${view?.message}`);
  }
  return view;
}

function printOverhead(measured: readonly MeasuredSync[], listings: readonly number[]): void {
  const names = [...new Set(measured.flatMap(({ parts }) => Object.keys(parts)))];
  const rows = names.map((name) => [name, measured.map(({ parts }) => parts[name] ?? 0)] as const);
  const overhead = measured.map((one) => one.overhead);
  const median = quantile(overhead, 0.5);
  console.log(`\none sync at a time (${measured.length} syncs, ${load()})`);
  const totals = measured.map((one) => one.total);
  const listing = { '(git ls-remote alone)': listings };
  console.log(quantileTable({ total: totals, overhead, ...Object.fromEntries(rows), ...listing }));
  console.log(
    `overhead p50 ${median.toFixed(0)} ms: ${(median / goalMilliseconds).toFixed(2)} of the goal of ${goalMilliseconds} ms`,
  );
}

function printRate(views: readonly OperationView[]): void {
  const requested = views.map((view) => Date.parse(view.requestedAt));
  const finished = views.map((view) => Date.parse(view.finishedAt ?? ''));
  const seconds = (Math.max(...finished) - Math.min(...requested)) / 1000;
  const durations = views.map((_, position) => (finished[position] ?? 0) - (requested[position] ?? 0));
  const applies = views.map((view) => view.timings['apply'] ?? 0);
  console.log(`\n${views.length} syncs at once (${load()})`);
  console.log(quantileTable({ 'request to end': durations, 'inside applies': applies }));
  console.log(
    `${(views.length / seconds).toFixed(1)} syncs/s, ${((views.length * objectsPerApplication) / seconds).toFixed(0)} objects/s, all ended after ${seconds.toFixed(1)} s`,
  );
}
