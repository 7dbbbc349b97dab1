import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { ensureNamespace } from '../../bin/compose/namespace.ts';
import { KeelsonError } from '../../core/errors.ts';
import { obtainFor, productionTemporal } from '../../local/obtain/tools.ts';
import { type Platform, startPlatform } from '../../local/platform.ts';
import { pollUntil } from '../../local/poll.ts';
import { freePort } from '../../local/ports.ts';
import type { Reporter } from '../../local/reporter.ts';
import { startKeelsonOn, type TestKeelson } from '../../test/support/keelson/keelson.ts';
import { createParts, type Parts } from './parts.ts';
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

/** Starts platform and roles, with these variables besides, in a temporary directory; `stop`, or a signal that ends the process, ends every program and removes the directory. */
export async function startStage(
  kind: TemporalKind,
  reporter: Reporter,
  env: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  await obtainFor('bench', { reporter, except: kind === 'dev' ? productionTemporal : [] });
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
  const parts = createParts(() => rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 }));
  const { stop } = parts;
  try {
    const platform = await startPlatformWith(kind, stateDir, parts);
    const { connection } = await parts.start(() => connectTo(platform.temporalAddress));
    await createNamespace(connection);
    const [cluster] = platform.clusters;
    if (cluster === undefined) throw new KeelsonError('internal', 'the platform has no cluster');
    const facts = {
      databaseUrl: platform.databaseUrl,
      temporalAddress: platform.temporalAddress,
      temporalNamespace: namespace,
      kubeconfigPath: cluster.kubeconfigPath,
    };
    const keelson = await parts.start(() => startKeelsonOn(facts, { env }));
    const { databaseUrl } = platform;
    const temporalFile = join(stateDir, 'temporal', 'temporal.db');
    return { keelson, temporal: new Client({ connection, namespace }), databaseUrl, temporalFile, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startPlatformWith(kind: TemporalKind, stateDir: string, parts: Parts): Promise<Platform> {
  if (kind === 'dev') {
    return await parts.start(() => startPlatform({ stateDir, namespace, postgresSettings }));
  }
  // The server needs the platform's PostgreSQL, so it comes afterwards, on an address chosen before.
  const port = await freePort();
  const external = { temporalAddress: `127.0.0.1:${port}` };
  const platform = await parts.start(() =>
    startPlatform({ stateDir, namespace, postgresSettings, external }),
  );
  const { databaseUrl } = platform;
  const ownDir = join(stateDir, 'temporal-server');
  await parts.start(() => startTemporalServer({ stateDir: ownDir, databaseUrl, port }));
  return platform;
}

async function connectTo(address: string) {
  const connection = await Connection.connect({ address });
  return { connection, stop: () => connection.close() };
}

/** The server's own parts hear of a namespace seconds after it was registered; roles must not meet it half known. */
async function createNamespace(connection: Connection): Promise<void> {
  await ensureNamespace(connection, namespace);
  await pollUntil(`Temporal namespace ${namespace}`, namespaceSeconds, async () => {
    await connection.workflowService.countWorkflowExecutions({ namespace });
    return true;
  });
}
