import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import pg from 'pg';
import { credentialsFromKubeconfig } from '../../cluster/access/kubeconfig.ts';
import { createClusterClient } from '../../cluster/request/client.ts';
import type { ClusterCredentials } from '../../cluster/request/credentials.ts';
import { KeelsonError } from '../../core/errors.ts';
import { isFree } from '../../local/ports.ts';
import { stopLeftovers } from '../../local/process/child.ts';
import { temporalConfig } from '../../platform/config.ts';
import { temporalConnection } from '../../platform/temporal/connection.ts';
import type { UpOptions } from './options.ts';
import { roleNames } from './roles.ts';

/** A server that is there answers within milliseconds; a start shouldn't hang on one that isn't. */
const answerMilliseconds = 5000;

/**
 * Checks what the user gave before anything is fetched or started, so that a slip costs a second and one line. Answers
 * with the credentials of a cluster that the user brings.
 */
export async function checkOptions(options: UpOptions): Promise<ClusterCredentials | undefined> {
  const { external } = options;
  const credentials = credentialsOf(external);
  await checkPort(options);
  await Promise.all([checkDatabase(external.databaseUrl), checkTemporal(external.temporalAddress)]);
  return credentials;
}

/** Whether API and UI can have their port; asked again before the roles start, since tools may take minutes. */
export async function checkPort({ port, stateDir }: UpOptions): Promise<void> {
  // Roles whose supervisor was killed still hold it; the state directory is ours, so they are ours to end.
  await stopLeftovers(roleNames.map((role) => join(stateDir, 'roles', `${role}.pid`)));
  if (port === 0 || (await isFree(port, process.env['KEELSON_HOST']))) return;
  throw new KeelsonError(
    'conflict',
    `port ${port} is taken by another program; stop that, or choose another with --port N (0 takes any free one)`,
  );
}

/** Why the cluster can't be used now, or undefined when it answers. */
export async function clusterTrouble(credentials: ClusterCredentials): Promise<string | undefined> {
  const client = createClusterClient(credentials);
  const place = `cluster ${credentials.name} (${credentials.server})`;
  const silence = `${place}: no answer within ${answerMilliseconds / 1000} s; check that the address is right and can be reached`;
  const answer = client.version().then(() => undefined, reasonOf);
  try {
    return await Promise.race([answer, sleep(answerMilliseconds, silence)]);
  } finally {
    // Not waited for: it would wait in turn for a connection that a silent server never completes.
    client.close().catch(() => {});
  }
}

function credentialsOf({ kubeconfig, context }: UpOptions['external']): ClusterCredentials | undefined {
  if (kubeconfig === undefined) {
    if (context === undefined) return undefined;
    throw wrong(`--context ${context} names a context of a kubeconfig; give its file with --kubeconfig FILE`);
  }
  let text: string;
  try {
    text = readFileSync(kubeconfig, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw wrong(`--kubeconfig ${kubeconfig}: the file can't be read${code}; correct the path`);
  }
  try {
    const directory = dirname(kubeconfig);
    return credentialsFromKubeconfig(text, context === undefined ? { directory } : { directory, context });
  } catch (error) {
    throw wrong(
      `--kubeconfig ${kubeconfig}: ${reasonOf(error)}; correct the file or choose another --context`,
    );
  }
}

async function checkDatabase(url: string | undefined): Promise<void> {
  if (url === undefined) return;
  // Never shown as a whole: it holds the password.
  const parsed = URL.parse(url);
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw wrong('--database-url must look like postgresql://user:password@host:5432/database; correct it');
  }
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: answerMilliseconds });
  client.on('error', () => {}); // the query below fails, which is what counts
  try {
    await client.connect();
    await client.query('select 1');
  } catch (error) {
    const place = `${parsed.host}${parsed.pathname}`;
    throw wrong(
      `--database-url: PostgreSQL at ${place} can't be used: ${reasonOf(error)}; check address and user`,
    );
  } finally {
    await client.end().catch(() => {}); // never connected
  }
}

async function checkTemporal(address: string | undefined): Promise<void> {
  if (address === undefined) return;
  try {
    const connection = await Connection.connect({
      ...(await temporalConnection(temporalConfig({ ...process.env, KEELSON_TEMPORAL_ADDRESS: address }))),
      connectTimeout: answerMilliseconds,
    });
    await connection.close();
  } catch (error) {
    throw wrong(
      `--temporal-address ${address}: no Temporal server answers: ${reasonOf(error)}; check the address`,
    );
  }
}

function wrong(message: string): KeelsonError {
  return new KeelsonError('invalid-argument', message);
}

/** Some errors of a connection sum up others and say nothing themselves. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
