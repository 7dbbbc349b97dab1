import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { rememberedPort } from '../ports.ts';
import { startChild, stopLeftover } from '../process/child.ts';
import { clearStaleLock, openDataFolder, runInitdb } from './postgres-data.ts';
import { clearKilledServer } from './postgres-orphans.ts';
import { postgresPrograms } from './postgres-programs.ts';
import { unprivilegedUser } from './unprivileged-user.ts';

/** Where and how PostgreSQL runs. */
export type PostgresOptions = {
  /** Its data, password, log and pid file live here. */
  readonly stateDir: string;
  readonly port?: number;
  /** More settings in the form `name=value`. */
  readonly settings?: readonly string[];
};

/** A running PostgreSQL server. */
export type Postgres = {
  /** Connection string of the superuser and the database `keelson`; holds the password. */
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<string>;
  stop(): Promise<void>;
};

const userName = 'keelson';

/**
 * Modest memory for one person's machine, durable as in production (fsync and synchronous_commit stay on). No unix
 * socket: one door, 127.0.0.1 with a password.
 */
const settings: readonly string[] = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'shared_buffers=128MB',
  'password_encryption=scram-sha-256',
  'log_timezone=UTC',
  'timezone=UTC',
];

/** Starts the real PostgreSQL server on data that persists in the state directory. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { stateDir } = options;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  await stopLeftover(join(stateDir, 'postgres.pid'));
  const user = unprivilegedUser();
  const programs = await postgresPrograms(user);
  const password = rememberedPassword(join(stateDir, 'password'));
  const folder = openDataFolder(join(stateDir, 'pgdata'), user);
  try {
    await runInitdb({ folder, programs, user, userName, password });
    await clearStaleLock(folder);
    await clearKilledServer(join(folder.hostPath, 'data'));
    const port = options.port ?? (await rememberedPort(stateDir, 'postgres'));
    const url = `postgresql://${userName}:${password}@127.0.0.1:${port}`;
    const child = await startChild({
      name: 'postgres',
      command: programs.postgres,
      arguments: [
        ...['-D', folder.path, '-p', String(port)],
        ...[...settings, ...(options.settings ?? [])].flatMap((setting) => ['-c', setting]),
      ],
      env: { LC_ALL: 'C', TZ: 'UTC' },
      cwd: '/',
      logFile: join(stateDir, 'postgres.log'),
      pidFile: join(stateDir, 'postgres.pid'),
      // Fast shutdown: ends sessions and writes a checkpoint; SIGTERM would wait for clients to leave.
      stopSignal: 'SIGINT',
      descriptors: folder.descriptors,
      ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
      ready: () => isServing(`${url}/postgres`),
    });
    await createDatabase(`${url}/postgres`, 'keelson');
    return { url: `${url}/keelson`, pid: child.pid, exited: child.exited, stop: child.stop };
  } finally {
    folder.close();
  }
}

function rememberedPassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  chmodSync(file, 0o600);
  return readFileSync(file, 'utf8').trim();
}

async function isServing(url: string): Promise<boolean> {
  return withClient(url, async (client) => {
    await client.query('select 1');
    return true;
  });
}

async function createDatabase(url: string, name: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  });
}

async function withClient<Result>(
  connectionString: string,
  act: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 2000 });
  // A server that dies between two queries must fail the query, not the program.
  client.on('error', () => {});
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}
