import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtUi } from '../../../bin/up/build-ui.ts';
import { type RoleName, type RoleOptions, type Roles, superviseRoles } from '../../../bin/up/roles.ts';
import { type ApiClient, createApiClient } from '../../../cli/server/client.ts';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import type { Application } from '../../../core/application/spec/spec.ts';
import { isFinished } from '../../../core/sync/operation/operation.ts';
import type { OperationView } from '../../../core/wire/operation.ts';
import type { SyncBody } from '../../../core/wire/sync.ts';
import { pollUntil } from '../../../local/poll.ts';
import { freePort } from '../../../local/ports.ts';
import type { Reporter } from '../../../local/reporter.ts';
import { generateKey } from '../../../platform/encryption.ts';
import { claim } from '../process/claim.ts';
import { ownEnvironment } from '../process/own-environment.ts';
import { type GitServer, startGitServer } from '../servers/git-server.ts';

/** Where a Keelson under test finds its platform. */
export type PlatformFacts = {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly kubeconfigPath: string;
  /** The test file that it is for, where others deploy to the same cluster. */
  readonly file?: string;
};

export type TestKeelson = {
  readonly url: string;
  readonly adminPassword: string;
  readonly client: ApiClient;
  /** The cluster, straight from the test. */
  readonly cluster: ClusterClient;
  readonly gitServer: GitServer;
  readonly kubeconfigPath: string;
  readonly stateDir: string;
  /** Directory in which fault points are armed. */
  readonly faultDir: string;
  readonly encryptionKey: string;
  pids(): Record<RoleName, number>;
  /** Takes an application's name and namespace for the test file; throws where another one has them. */
  claim(application: Application): void;
  /** Writes an application unchecked: many tests want one that can't work yet. */
  create(application: Application): Promise<void>;
  /** Asks for a sync and answers with its operation id. */
  request(name: string, body?: SyncBody): Promise<string>;
  /** Waits until an operation has ended. */
  ended(name: string, operationId: string, seconds?: number): Promise<OperationView>;
  /** Asks for a sync and waits until it has ended. */
  sync(name: string, body?: SyncBody, seconds?: number): Promise<OperationView>;
  /** Waits until an application is Synced and Healthy. */
  healthy(name: string, seconds?: number): Promise<void>;
  /** Logs in again, after what has ended all logins, and answers with what goes on with that. */
  loginAgain(): Promise<Omit<TestKeelson, 'loginAgain' | 'stop'>>;
  stop(): Promise<void>;
};

const silent: Reporter = { say: () => {}, progress: () => {} };
const adminPassword = 'test-password-of-admin';

/** Starts server, worker and session as the supervised processes they are, on the given platform. */
export async function startKeelsonOn(
  platform: PlatformFacts,
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly own?: RoleOptions['own'];
  } = {},
): Promise<TestKeelson> {
  const stateDir = mkdtempSync(join(tmpdir(), 'keelson-test-'));
  const faultDir = mkdtempSync(join(tmpdir(), 'keelson-fault-'));
  const encryptionKey = generateKey();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const [gitServer, uiDir] = await Promise.all([startGitServer(), builtUi(silent)]);
  const roles = await superviseRoles({
    stateDir,
    reporter: silent,
    onStart: () => {},
    ...(options.own === undefined ? {} : { own: options.own }),
    env: {
      ...ownEnvironment(),
      KEELSON_DATABASE_URL: platform.databaseUrl,
      KEELSON_TEMPORAL_ADDRESS: platform.temporalAddress,
      KEELSON_TEMPORAL_NAMESPACE: platform.temporalNamespace,
      KEELSON_ENCRYPTION_KEY: encryptionKey,
      KEELSON_ADMIN_PASSWORD: adminPassword,
      KEELSON_IN_CLUSTER_KUBECONFIG: platform.kubeconfigPath,
      KEELSON_PORT: String(port),
      KEELSON_URL: url,
      KEELSON_UI_DIR: uiDir,
      KEELSON_WEBHOOK_OPEN: 'true',
      // The bundle is shared by all Keelsons under test, so it is made once.
      KEELSON_CACHE_DIR: join(tmpdir(), 'keelson-test-cache'),
      KEELSON_FAULT_DIR: faultDir,
      ...options.env,
    },
  });
  const clients: ApiClient[] = [];
  const loggedIn = async (): Promise<ApiClient> => {
    const login = createApiClient({ server: url });
    const token = await login.account.login('admin', adminPassword);
    await login.close();
    const client = createApiClient({ server: url, token });
    clients.push(client);
    return client;
  };
  const client = await loggedIn();
  const { readFile } = await import('node:fs/promises');
  const cluster = createClusterClient(
    credentialsFromKubeconfig(await readFile(platform.kubeconfigPath, 'utf8')),
  );
  const own = {
    url,
    adminPassword,
    cluster,
    gitServer,
    kubeconfigPath: platform.kubeconfigPath,
    stateDir,
    faultDir,
    encryptionKey,
    pids: () => roles.pids(),
  };
  return {
    ...own,
    client,
    ...driveOf(client, platform),
    async loginAgain() {
      const again = await loggedIn();
      return { ...own, client: again, ...driveOf(again, platform) };
    },
    stop: () => stopAll(roles, clients, cluster, gitServer, [stateDir, faultDir]),
  };
}

/** The calls that tests make most. */
function driveOf(client: ApiClient, { kubeconfigPath, file }: PlatformFacts) {
  const request = async (name: string, body: SyncBody = {}): Promise<string> =>
    (await client.operations.sync(name, body)).operationId;
  const ended = async (name: string, operationId: string, seconds = 90): Promise<OperationView> => {
    let view: OperationView | undefined;
    await pollUntil(`operation of ${name} ended`, seconds, async () => {
      view = await client.operations.get(name, operationId);
      return isFinished(view.phase);
    });
    return view as OperationView;
  };
  const take = ({ metadata, spec }: Application): void => {
    if (file === undefined) return;
    const by = { kubeconfigPath, file };
    const elsewhere = metadata.namespace === undefined ? '' : `${metadata.namespace}_`;
    claim(by, 'application', elsewhere + metadata.name);
    const { namespace } = spec.destination;
    if (namespace === undefined) return;
    // The one that every cluster has is everybody's, but not under one name of an application.
    claim(by, 'namespace', namespace === 'default' ? `default.${metadata.name}` : namespace);
  };
  return {
    request,
    ended,
    claim: take,
    async create(application: Application) {
      take(application);
      await client.applications.create(application, { upsert: false, validate: false });
    },
    async sync(name: string, body: SyncBody = {}, seconds = 90) {
      return ended(name, await request(name, body), seconds);
    },
    async healthy(name: string, seconds = 60) {
      await pollUntil(`${name} Synced and Healthy`, seconds, async () => {
        const { status } = await client.applications.get(name);
        return status?.sync?.status === 'Synced' && status.health?.status === 'Healthy';
      });
    },
  };
}

async function stopAll(
  roles: Roles,
  clients: readonly ApiClient[],
  cluster: ClusterClient,
  gitServer: GitServer,
  folders: readonly string[],
): Promise<void> {
  await Promise.all(clients.map((client) => client.close()));
  await roles.stop();
  await cluster.close();
  await gitServer.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
