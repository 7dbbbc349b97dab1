import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { ensureNamespace } from '../bin/namespace.ts';
import { KeelsonError } from '../core/errors.ts';
import type { Child } from '../local/child.ts';
import { type Platform, startPlatform } from '../local/platform.ts';
import { pollUntil } from '../local/poll.ts';
import { freePort } from '../local/ports.ts';
import type { Reporter } from '../local/reporter.ts';
import { obtainFor, productionTemporal } from '../local/tools.ts';
import { startKeelsonOn, type TestKeelson } from '../test/support/keelson.ts';
import { startTemporalServer } from './temporal-server.ts';

/** `dev` is the dev server on a SQLite file, as `npm start` runs it; `server` the production one on PostgreSQL. */
export type TemporalKind = 'dev' | 'server';

/** A whole Keelson on a platform of its own. */
export type Stage = {
  readonly keelson: TestKeelson;
  /** Reads histories; payloads stay sealed to it. */
  readonly temporal: Client;
  readonly databaseUrl: string;
  /** The file of Temporal's dev server. */
  readonly temporalFile: string;
  stop(): Promise<void>;
};

const namespace = 'keelson';
const namespaceSeconds = 60;
/** As in docker-compose.yml: the production Temporal server takes about 100 connections. */
const postgresSettings = ['max_connections=400'];

/** Starts platform and roles, with these variables besides, in a temporary directory; `stop` ends every program and removes the directory. */
export async function startStage(
  kind: TemporalKind,
  reporter: Reporter,
  env: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  await obtainFor('bench', { reporter, except: kind === 'dev' ? productionTemporal : [] });
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  const started: { stop(): Promise<unknown> }[] = [];
  const stop = async (): Promise<void> => {
    for (const part of started.reverse()) await part.stop();
    rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const platform = await startPlatformWith(kind, stateDir, started);
    const connection = await Connection.connect({ address: platform.temporalAddress });
    started.push({ stop: () => connection.close() });
    await createNamespace(connection);
    const [cluster] = platform.clusters;
    if (cluster === undefined) throw new KeelsonError('internal', 'the platform has no cluster');
    const facts = {
      databaseUrl: platform.databaseUrl,
      temporalAddress: platform.temporalAddress,
      temporalNamespace: namespace,
      kubeconfigPath: cluster.kubeconfigPath,
    };
    const keelson = await startKeelsonOn(facts, { env });
    started.push(keelson);
    const { databaseUrl } = platform;
    const temporalFile = join(stateDir, 'temporal', 'temporal.db');
    return { keelson, temporal: new Client({ connection, namespace }), databaseUrl, temporalFile, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startPlatformWith(
  kind: TemporalKind,
  stateDir: string,
  started: { stop(): Promise<unknown> }[],
): Promise<Platform> {
  if (kind === 'dev') {
    const platform = await startPlatform({ stateDir, namespace, postgresSettings });
    started.push(platform);
    return platform;
  }
  // The server needs the platform's PostgreSQL, so it comes afterwards, on an address chosen before.
  const port = await freePort();
  const external = { temporalAddress: `127.0.0.1:${port}` };
  const platform = await startPlatform({ stateDir, namespace, postgresSettings, external });
  started.push(platform);
  const server: Child = await startTemporalServer({
    stateDir: join(stateDir, 'temporal-server'),
    databaseUrl: platform.databaseUrl,
    port,
  });
  started.push(server);
  return platform;
}

/** The server's own parts hear of a namespace seconds after it was registered; roles must not meet it half known. */
async function createNamespace(connection: Connection): Promise<void> {
  await ensureNamespace(connection, namespace);
  await pollUntil(`Temporal namespace ${namespace}`, namespaceSeconds, async () => {
    await connection.workflowService.countWorkflowExecutions({ namespace });
    return true;
  });
}
