import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Platform, startPlatform } from '../../local/platform.ts';
import { freePort } from '../../local/ports.ts';
import type { Reporter } from '../../local/reporter.ts';
import { builtUi } from './build-ui.ts';
import { localIsolation } from './isolation.ts';
import type { UpOptions } from './options.ts';
import { type Roles, superviseRoles } from './roles.ts';
import { localSecrets } from './secrets.ts';

const revivePauseMilliseconds = 1000;

/** A local installation that serves. */
export type LocalKeelson = {
  readonly url: string;
  readonly adminPassword: string;
  readonly kubeconfig: string;
  readonly temporalUi: string;
  stop(): Promise<void>;
};

/** Brings up platform and roles in one state directory, and says so in its ready.json. */
export async function bringUp(options: UpOptions, reporter: Reporter): Promise<LocalKeelson> {
  const { stateDir } = options;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const readyFile = join(stateDir, 'ready.json');
  const secrets = localSecrets(stateDir);
  let platform: Platform | undefined;
  let stopping = false;
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
  const [started, uiDir, isolation] = await Promise.all([
    startPlatform({
      stateDir,
      reporter,
      external: options.external,
      // One that a killed start left behind must not be taken for this one's.
      onOwned: () => rmSync(readyFile, { force: true }),
      onExit: (key, how) => {
        reporter.say(`${key} ${how}; it is started again`);
        void revive(key);
      },
    }),
    builtUi(reporter),
    localIsolation(reporter),
  ]);
  platform = started;
  const [home] = started.clusters;
  const kubeconfig = home?.kubeconfigPath ?? '';
  const port = options.port === 0 ? await freePort() : options.port;
  const url = `http://127.0.0.1:${port}`;
  let roles: Roles | undefined;

  const writeReady = (): void => {
    if (roles === undefined) return;
    const ready = {
      url,
      adminPassword: secrets.adminPassword,
      kubeconfig,
      temporalAddress: started.temporalAddress,
      temporalUi: started.temporalUiUrl ?? '',
      databaseUrl: started.databaseUrl,
      pids: { ...started.pids(), ...roles.pids() },
    };
    writeFileSync(`${readyFile}.new`, `${JSON.stringify(ready, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(`${readyFile}.new`, readyFile);
  };

  try {
    roles = await superviseRoles({
      stateDir,
      reporter,
      onStart: () => writeReady(),
      env: {
        KEELSON_RENDER_ISOLATION: isolation,
        ...inherited(),
        KEELSON_DATABASE_URL: started.databaseUrl,
        KEELSON_TEMPORAL_ADDRESS: started.temporalAddress,
        KEELSON_ENCRYPTION_KEY: secrets.encryptionKey,
        KEELSON_ADMIN_PASSWORD: secrets.adminPassword,
        KEELSON_IN_CLUSTER_KUBECONFIG: kubeconfig,
        ...(options.external.context === undefined
          ? {}
          : { KEELSON_IN_CLUSTER_CONTEXT: options.external.context }),
        KEELSON_PORT: String(port),
        KEELSON_URL: url,
        KEELSON_UI_DIR: uiDir,
        // The sample's repository lies on this disk.
        KEELSON_GIT_PROTOCOLS: 'https,http,ssh,file',
        KEELSON_CACHE_DIR: join(stateDir, 'cache'),
      },
    });
  } catch (error) {
    await started.stop();
    throw error;
  }
  writeReady();
  const supervised = roles;
  return {
    url,
    adminPassword: secrets.adminPassword,
    kubeconfig,
    temporalUi: started.temporalUiUrl ?? '',
    async stop() {
      stopping = true;
      await supervised.stop();
      await started.stop();
      rmSync(readyFile, { force: true });
    },
  };
}

/** What roles need of the caller's environment: where programs and caches are, and Keelson's own settings. */
function inherited(): Record<string, string> {
  const wanted =
    /^(PATH|HOME|TMPDIR|LANG|XDG_CACHE_HOME|GO[A-Z]*|KEELSON_[A-Z_]+|(HTTPS?|NO)_PROXY|SSL_CERT_FILE|SSL_CERT_DIR)$/;
  const entries = Object.entries(process.env).filter(([name]) => wanted.test(name));
  return Object.fromEntries(entries) as Record<string, string>;
}
