import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPlatform } from '../../local/platform.ts';
import { freePort } from '../../local/ports.ts';
import type { Reporter } from '../../local/reporter.ts';
import { builtUi } from './build-ui.ts';
import type { UpOptions } from './options.ts';
import { type Roles, superviseRoles } from './roles.ts';
import { localSecrets } from './secrets.ts';

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
  rmSync(readyFile, { force: true });
  const secrets = localSecrets(stateDir);
  const [platform, uiDir] = await Promise.all([
    startPlatform({
      stateDir,
      reporter,
      external: options.external,
      onRestart: (key) => {
        reporter.say(`${key} died and was started again`);
        writeReady();
      },
    }),
    builtUi(reporter),
  ]);
  const port = options.port === 0 ? await freePort() : options.port;
  const url = `http://127.0.0.1:${port}`;
  let roles: Roles | undefined;

  const writeReady = (): void => {
    if (roles === undefined) return;
    const ready = {
      url,
      adminPassword: secrets.adminPassword,
      kubeconfig: platform.kubeconfig,
      temporalAddress: platform.temporalAddress,
      temporalUi: platform.temporalUi,
      databaseUrl: platform.databaseUrl,
      pids: { ...platform.pids(), ...roles.pids() },
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
        ...inherited(),
        KEELSON_DATABASE_URL: platform.databaseUrl,
        KEELSON_TEMPORAL_ADDRESS: platform.temporalAddress,
        KEELSON_ENCRYPTION_KEY: secrets.encryptionKey,
        KEELSON_ADMIN_PASSWORD: secrets.adminPassword,
        KEELSON_IN_CLUSTER_KUBECONFIG: platform.kubeconfig,
        ...(options.external.context === undefined
          ? {}
          : { KEELSON_IN_CLUSTER_CONTEXT: options.external.context }),
        KEELSON_PORT: String(port),
        KEELSON_URL: url,
        KEELSON_UI_DIR: uiDir,
        KEELSON_CACHE_DIR: join(stateDir, 'cache'),
      },
    });
  } catch (error) {
    await platform.stop();
    throw error;
  }
  writeReady();
  const supervised = roles;
  return {
    url,
    adminPassword: secrets.adminPassword,
    kubeconfig: platform.kubeconfig,
    temporalUi: platform.temporalUi,
    async stop() {
      await supervised.stop();
      await platform.stop();
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
