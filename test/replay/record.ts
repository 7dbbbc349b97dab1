/**
 * Records the histories that replay.test.ts replays: runs a Keelson on a platform of its own, drives it through each
 * case, and stores what Temporal has. Run it after a change that is meant to change histories, and only then:
 * node test/replay/record.ts
 * With the type of a new workflow it adds that one's history and leaves the others as they are:
 * node test/replay/record.ts runAction
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { obtainFor } from '../../local/obtain/tools.ts';
import { type Platform, startPlatform } from '../../local/platform.ts';
import { createReporter } from '../../local/reporter.ts';
import { startKeelsonOn } from '../support/keelson/keelson.ts';
import { type RecordedRun, type Recorder, recordCases, singleCases } from './cases.ts';
import { historiesDir, replayConverter, replayKey, toJson } from './histories.ts';
import { withoutTraces } from './traces.ts';

const [only] = process.argv.slice(2);
const single = only === undefined ? undefined : singleCases[only];
if (only !== undefined && single === undefined)
  throw new Error(`${only} is recorded with the others; name one of ${Object.keys(singleCases).join(', ')}`);
const reporter = createReporter();
const stateDir = mkdtempSync(join(tmpdir(), 'keelson-record-'));
await obtainFor('test', { reporter });
const platform = await startPlatform({ stateDir, postgresSettings: ['fsync=off'] });
try {
  const files = await recordAll(platform);
  if (single === undefined) rmSync(historiesDir, { recursive: true, force: true });
  mkdirSync(historiesDir, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(historiesDir, `${name}.json`), text);
  reporter.say(`recorded ${[...files.keys()].join(', ')}`);
} finally {
  await platform.stop();
  rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(0);

async function recordAll({ databaseUrl, temporalAddress, namespace, clusters }: Platform) {
  const keelson = await startKeelsonOn(
    {
      databaseUrl,
      temporalAddress,
      temporalNamespace: namespace,
      kubeconfigPath: clusters[0]?.kubeconfigPath ?? '',
    },
    // Repositories come due soon, so that a check finds one.
    { env: { KEELSON_ENCRYPTION_KEY: replayKey, KEELSON_RECONCILE_SECONDS: '3' } },
  );
  const connection = await Connection.connect({ address: temporalAddress });
  try {
    const temporal = new Client({ connection, namespace, dataConverter: replayConverter });
    const runs = await runsOf({ keelson, temporal });
    const files = new Map<string, string>();
    for (const run of runs) files.set(run.name, await historyOf(temporal, run));
    return files;
  } finally {
    await connection.close();
    await keelson.stop();
  }
}

async function runsOf(recorder: Recorder): Promise<RecordedRun[]> {
  return single === undefined ? recordCases(recorder) : [await single(recorder)];
}

/** A run's history as the text of its file, one event to a line. */
async function historyOf(temporal: Client, { workflowId, runId }: RecordedRun): Promise<string> {
  const { events } = toJson(await temporal.workflow.getHandle(workflowId, runId).fetchHistory());
  const workflow = { type: 'workflow', namespace: temporal.options.namespace, workflowId } as const;
  const lines = await Promise.all(
    events.map(async (event) => JSON.stringify(await withoutTraces(event, workflow))),
  );
  return `{"events":[\n${lines.join(',\n')}\n]}\n`;
}
