import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Platform, startPlatform } from '../../local/platform.ts';
import { freePort } from '../../local/ports.ts';
import type { FileLock } from '../../local/process/file-lock.ts';
import { ownStateDirectory } from '../../local/process/state-directory.ts';
import type { Reporter } from '../../local/reporter.ts';
import { writeKubectl } from './kubectl.ts';
import type { UpOptions } from './options.ts';
import { othersOn } from './others.ts';
import { clusterTrouble } from './preflight.ts';
import { type Prepared, prepare } from './prepare.ts';
import { prepareHome } from './prepare-home.ts';
import { type Roles, superviseRoles } from './roles.ts';
import { type LocalSecrets, localSecrets } from './secrets.ts';

const revivePauseMilliseconds = 1000;

/** A local installation that serves. */
export type LocalKeelson = {
  readonly url: string;
  /** Undefined when this installation's password was set at an earlier start and isn't known here. */
  readonly adminPassword: string | undefined;
  readonly kubeconfig: string;
  /** A program that applies objects to the local cluster; undefined for one that the user brings. */
  readonly kubectl: string | undefined;
  /** Namespace in which Application objects count. */
  readonly namespace: string;
  /** Why the cluster can't be used; undefined when it answers. */
  readonly clusterTrouble: string | undefined;
  /** What is to be known of others that write to a cluster which the user brings. */
  readonly others: readonly string[];
  readonly temporalUi: string;
  stop(): Promise<void>;
};

/**
 * Brings up platform and roles in one state directory, and says so in its ready.json. When the signal aborts, whatever
 * has been started is stopped again and the call throws.
 */
export async function bringUp(
  options: UpOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<LocalKeelson> {
  const lock = ownStateDirectory(options.stateDir);
  try {
    // One that a killed start left behind must not be taken for this one's.
    rmSync(readyFileOf(options), { force: true });
    const prepared = await prepare(options, reporter, signal);
    return await start(options, reporter, prepared, lock, signal);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function start(
  options: UpOptions,
  reporter: Reporter,
  prepared: Prepared,
  lock: FileLock,
  signal: AbortSignal,
): Promise<LocalKeelson> {
  const { stateDir, external } = options;
  const startedAt = new Date();
  const secrets = localSecrets(stateDir);
  let stopping = false;
  let parts: { platform: Platform; roles: Roles } | undefined;
  let adminPassword: string | undefined;
  const port = options.port === 0 ? await freePort() : options.port;
  const url = `http://127.0.0.1:${port}`;
  const writeReady = (): void => {
    if (parts !== undefined) writeReadyFile(readyFileOf(options), { url, adminPassword, ...parts });
  };
  let platform: Platform | undefined;
  /** Starts a part of the platform again, with a pause in between for as long as it doesn't stay up. */
  const revive = async (key: string): Promise<void> => {
    for (let revived = false; !revived && !stopping; ) {
      try {
        await platform?.restart(key);
        revived = true;
        writeReady();
      } catch (error) {
        reporter.say(`${key} did not start and is tried again: ${(error as Error).message}`);
        await sleep(revivePauseMilliseconds);
      }
    }
  };
  const onExit = (key: string, how: string): void => {
    reporter.say(`${key} ${how}; it is started again`);
    void revive(key);
  };
  platform = await startPlatform({ stateDir, external, lock, onExit });
  try {
    signal.throwIfAborted();
    await prepareHome(platform.localClusters, homeNamespace(), signal);
    const env = roleEnvironment({ options, prepared, platform, secrets, port, url });
    const roles = await superviseRoles({ stateDir, reporter, onStart: writeReady, env });
    parts = { platform, roles };
  } catch (error) {
    stopping = true;
    await platform.stop();
    throw error;
  }
  const { roles } = parts;
  const stop = async (): Promise<void> => {
    stopping = true;
    await roles.stop();
    await platform.stop();
    rmSync(readyFileOf(options), { force: true });
  };
  try {
    adminPassword = await secrets.adminPassword(platform.databaseUrl);
    writeReady();
    return {
      url,
      adminPassword,
      kubeconfig: kubeconfigOf(platform),
      kubectl: takesObjects(options) ? await writeKubectl(stateDir, kubeconfigOf(platform)) : undefined,
      namespace: homeNamespace(),
      ...(await lookAround(prepared, () => othersOn(platform.databaseUrl, secrets.encryptionKey, startedAt))),
      temporalUi: platform.temporalUiUrl ?? '',
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A cluster that the user brings may not answer, and may be somebody else's too; a local one is this start's own. */
async function lookAround(
  { credentials }: Prepared,
  others: () => Promise<readonly string[]>,
): Promise<Pick<LocalKeelson, 'clusterTrouble' | 'others'>> {
  if (credentials === undefined) return { clusterTrouble: undefined, others: [] };
  const trouble = await clusterTrouble(credentials);
  return { clusterTrouble: trouble, others: trouble === undefined ? await others() : [] };
}

function readyFileOf({ stateDir }: UpOptions): string {
  return join(stateDir, 'ready.json');
}

function isLocal({ external }: UpOptions): boolean {
  return external.kubeconfig === undefined;
}

/** Whether objects of the local cluster are what holds: the caller may have turned that off. */
function takesObjects(options: UpOptions): boolean {
  return isLocal(options) && process.env['KEELSON_HOME_BRIDGE'] !== 'false';
}

function homeNamespace(): string {
  return process.env['KEELSON_NAMESPACE'] || 'argocd';
}

function kubeconfigOf(platform: Platform): string {
  return platform.clusters[0]?.kubeconfigPath ?? '';
}

function writeReadyFile(
  file: string,
  facts: { url: string; adminPassword: string | undefined; platform: Platform; roles: Roles },
): void {
  const { url, adminPassword, platform, roles } = facts;
  const ready = {
    url,
    adminPassword,
    kubeconfig: kubeconfigOf(platform),
    temporalAddress: platform.temporalAddress,
    temporalUi: platform.temporalUiUrl ?? '',
    databaseUrl: platform.databaseUrl,
    pids: { ...platform.pids(), ...roles.pids() },
  };
  writeFileSync(`${file}.new`, `${JSON.stringify(ready, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function roleEnvironment(parts: {
  options: UpOptions;
  prepared: Prepared;
  platform: Platform;
  secrets: LocalSecrets;
  port: number;
  url: string;
}): Record<string, string> {
  const { options, prepared, platform, secrets } = parts;
  const { context } = options.external;
  return {
    KEELSON_RENDER_ISOLATION: prepared.isolation,
    // It listens on this machine alone, and who tries a webhook here has no secret yet.
    KEELSON_WEBHOOK_OPEN: 'true',
    // On a cluster of somebody else's another controller may own the same objects.
    ...(isLocal(options) ? { KEELSON_HOME_BRIDGE: 'true' } : {}),
    ...inherited(),
    KEELSON_DATABASE_URL: platform.databaseUrl,
    KEELSON_TEMPORAL_ADDRESS: platform.temporalAddress,
    KEELSON_ENCRYPTION_KEY: secrets.encryptionKey,
    KEELSON_ADMIN_PASSWORD: secrets.newAdminPassword,
    KEELSON_IN_CLUSTER_KUBECONFIG: kubeconfigOf(platform),
    ...(context === undefined ? {} : { KEELSON_IN_CLUSTER_CONTEXT: context }),
    KEELSON_PORT: String(parts.port),
    KEELSON_URL: parts.url,
    KEELSON_UI_DIR: prepared.uiDir,
    // The sample's repository lies on this disk.
    KEELSON_GIT_PROTOCOLS: 'https,http,ssh,file',
    KEELSON_CACHE_DIR: join(options.stateDir, 'cache'),
  };
}

/** What roles need of the caller's environment: where programs and caches are, and Keelson's own settings. */
function inherited(): Record<string, string> {
  const wanted =
    /^(PATH|HOME|TMPDIR|LANG|XDG_CACHE_HOME|GO[A-Z]*|KEELSON_[A-Z_]+|(HTTPS?|NO)_PROXY|SSL_CERT_FILE|SSL_CERT_DIR)$/;
  // One port can't serve two roles; here the supervisor reads their ready files.
  const entries = Object.entries(process.env).filter(
    ([name]) => wanted.test(name) && name !== 'KEELSON_HEALTH_PORT',
  );
  return Object.fromEntries(entries) as Record<string, string>;
}
