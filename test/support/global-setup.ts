import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { prepareHome } from '../../bin/up/prepare-home.ts';
import { connectDatabase } from '../../db/client.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import { obtainFor } from '../../local/obtain/tools.ts';
import { type Platform, startPlatform } from '../../local/platform.ts';
import { stopLeftovers } from '../../local/process/child.ts';
import { tryLock } from '../../local/process/file-lock.ts';
import { createReporter } from '../../local/reporter.ts';
import type {} from './keelson/database.ts';
import type { SharedPlatform } from './keelson/platform.ts';

const prefix = 'keelson-platform-';
const templateDatabase = 'keelson_template';

/** Starts the platform that all integration tests share and tells them where it is; the returned function ends it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Minutes on a new machine, so never within the time that a test or a hook has.
  await obtainFor('test', { reporter: createReporter() });
  await sweepAbandoned();
  const stateDir = mkdtempSync(join(tmpdir(), prefix));
  try {
    const platform = await startShared(stateDir);
    project.provide('postgresUrl', platform.databaseUrl);
    project.provide('platform', factsOf(stateDir, platform));
    return async () => {
      await platform.stop();
      // Clusters that a failed test left running are on record in the same folder.
      await endAll(stateDir);
    };
  } catch (cause) {
    await endAll(stateDir);
    throw cause;
  }
}

async function startShared(stateDir: string): Promise<Platform> {
  const platform = await startPlatform({
    stateDir,
    // Tests kill programs, never the machine: what was written stays without a sync to disk.
    postgresSettings: ['fsync=off', 'full_page_writes=off'],
  });
  await Promise.all([
    createTemplate(platform.databaseUrl),
    // Definitions belong to the whole cluster: installed once for all files, and deleted by none.
    prepareHome(platform.localClusters, undefined, new AbortController().signal),
  ]);
  return platform;
}

function factsOf(stateDir: string, platform: Platform): SharedPlatform {
  const [cluster] = platform.localClusters;
  const { etcdAccess } = platform;
  if (cluster === undefined || etcdAccess === undefined) throw new Error('the platform has no local cluster');
  return {
    stateDir,
    temporalAddress: platform.temporalAddress,
    kubeconfigPath: cluster.kubeconfigPath,
    server: cluster.server,
    etcd: etcdAccess,
    templateDatabase,
  };
}

async function createTemplate(postgresUrl: string): Promise<void> {
  const client = new pg.Client(postgresUrl);
  await client.connect();
  await client.query(`create database ${templateDatabase}`);
  await client.end();
  const url = new URL(postgresUrl);
  url.pathname = `/${templateDatabase}`;
  const connection = connectDatabase(url.href, { connections: 1, onError: () => {} });
  await migrateDatabase(connection);
  // A database with open connections can't be cloned.
  await connection.close();
}

/** Ends what test runs left behind that were themselves killed. */
async function sweepAbandoned(): Promise<void> {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(prefix));
  for (const name of folders) {
    const folder = join(tmpdir(), name);
    const lockFile = join(folder, 'platform.lock');
    // A folder without a lock belongs to a run that is just starting.
    if (existsSync(lockFile) && 'release' in tryLock(lockFile)) await endAll(folder);
  }
}

async function endAll(folder: string): Promise<void> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const pidFiles = names.filter((name) => name.endsWith('.pid') && !name.endsWith('postmaster.pid'));
  await stopLeftovers(pidFiles.map((name) => join(folder, name)));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
