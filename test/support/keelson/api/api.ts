import { createApi } from '../../../../api/app.ts';
import { bootstrapSettings } from '../../../../api/bootstrap.ts';
import type { Api, ApiConfig, ApiDeps } from '../../../../api/context.ts';
import { trustedProxies } from '../../../../api/request/client-address.ts';
import { type ChangeFeed, openChangeFeed } from '../../../../api/stream/change-feed.ts';
import { credentialsFromClusterSecret } from '../../../../cluster/access/cluster-secret.ts';
import { compareObject, contextFault } from '../../../../cluster/compare/compare-object.ts';
import { createRowStore } from '../../../../control/application/store/row-store.ts';
import type { ControlEngine } from '../../../../control/context.ts';
import type { HomeObjects } from '../../../../control/home/context.ts';
import { createProjectRows } from '../../../../control/project/project-store.ts';
import { createHomeSettings } from '../../../../control/settings/write/home-settings.ts';
import { KeelsonError } from '../../../../core/errors.ts';
import type { Database, DatabaseConnection } from '../../../../db/client.ts';
import { openPolicySource } from '../../../../db/policy-source.ts';
import { saveCluster } from '../../../../db/queries/cluster/cluster.ts';
import { openSecretSource } from '../../../../db/secret-source.ts';
import { openSettingsSource } from '../../../../db/settings-source.ts';
import { createKeyring, generateKey, type Keyring } from '../../../../platform/encryption.ts';
import { createJq } from '../../../../platform/jq/jq.ts';
import type { Logger } from '../../../../platform/logger.ts';
import { createLuaQueue } from '../../../../platform/lua/engine.ts';
import { openTestDatabase } from '../database.ts';
import { checkReply } from './reply-check.ts';

/** A hint that the API gave the engine. */
type Hint = {
  readonly call: Exclude<keyof ControlEngine, 'inspect' | 'runAction'>;
  readonly argument?: unknown;
};

export type TestApi = {
  readonly api: Api;
  readonly deps: ApiDeps;
  readonly db: Database;
  readonly connection: DatabaseConnection;
  readonly encryptionKey: string;
  readonly keyring: Keyring;
  readonly feed: ChangeFeed;
  readonly settings: Awaited<ReturnType<typeof openSettingsSource>>;
  readonly secrets: Awaited<ReturnType<typeof openSecretSource>>;
  readonly policy: Awaited<ReturnType<typeof openPolicySource>>;
  readonly adminPassword: string;
  readonly clusterId: string;
  readonly hints: Hint[];
  /** The server's clock; tests move it by assigning. */
  readonly clock: { now: Date | undefined };
  /** A request as admin, with a JSON body and reply; a string body is sent as it is. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; headers: Headers; body: unknown }>;
  close(): Promise<void>;
};

export const inClusterServer = 'https://kubernetes.default.svc';

/** The API on a database of its own, with the engine's border recorded and a registered cluster. */
export async function startApi(
  options: {
    config?: Partial<ApiConfig>;
    clusterFor?: ApiDeps['clusterFor'];
    /** Where what sets the installation is kept as objects, in the namespace of the control plane. */
    home?: HomeObjects;
    /** Another server of this one's installation, on its database. */
    beside?: TestApi;
    /** Answers questions about sources; without it every repository and source is there, and nothing else is known. */
    inspect?: ControlEngine['inspect'];
  } = {},
): Promise<TestApi> {
  const ground = options.beside ?? (await layGround());
  const { connection, encryptionKey, keyring, adminPassword, clusterId } = ground;
  const { db, changes } = connection;
  const hints: Hint[] = [];
  const clock: TestApi['clock'] = { now: undefined };
  const settings = await openSettingsSource({ db, changes, keyring, log: silent });
  const policy = await openPolicySource({ db, changes, settings, log: silent });
  const secrets = await openSecretSource({ db, changes, keyring, log: silent });
  const jq = createJq();
  const feed = await openChangeFeed({ db, changes, log: silent, pollMilliseconds: 200 });
  const deps: ApiDeps = {
    db,
    store: createRowStore(db),
    projects: createProjectRows({ db, settings }),
    keyring,
    engine: { ...recordHints(hints), inspect: options.inspect ?? inspectNothing, runAction: noWorker },
    clusterFor:
      options.clusterFor ??
      (() => Promise.reject(new KeelsonError('cluster-unreachable', 'cluster is not there; start it'))),
    clusterCredentials: credentialsFromClusterSecret,
    comparing: {
      compare: (client, desired, live, context) => compareObject({ client, jq }, desired, live, context),
      faultOf: (context) => contextFault(jq, context),
    },
    feed,
    settings,
    policy,
    secrets,
    lua: createLuaQueue(),
    log: silent,
    now: () => clock.now ?? new Date(),
    config: {
      controlPlaneNamespace: 'argocd',
      url: 'https://keelson.example.com',
      version: 'v1.2.3',
      webhookSecrets: {},
      webhookOpen: false,
      webhookMaxBytes: 1024 * 1024,
      trustedProxies: trustedProxies([]),
      loginPaddingMilliseconds: 0,
      ...options.config,
    },
  };
  const { home } = options;
  const api = createApi(
    home === undefined
      ? deps
      : {
          ...deps,
          homeSettings: createHomeSettings(deps, deps.config.controlPlaneNamespace, async () => home),
        },
  );
  const { token } = await login(api, adminPassword);
  return {
    api,
    deps,
    db,
    connection,
    encryptionKey,
    keyring,
    feed,
    settings,
    secrets,
    policy,
    adminPassword,
    clusterId,
    hints,
    clock,
    async call(method, path, body, headers = {}) {
      const response = await api.request(path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const reply = parseJson(await response.text());
      if (typeof reply !== 'string') checkReply({ method, path, status: response.status, body: reply });
      return { status: response.status, headers: response.headers, body: reply };
    },
    async close() {
      await policy.close();
      await settings.close();
      await secrets.close();
      await Promise.all([feed.close(), jq.close()]);
      if (options.beside === undefined) await connection.close();
    },
  };
}

/** A database of its own with what a first start makes, and a registered cluster. */
async function layGround() {
  const connection = await openTestDatabase();
  const encryptionKey = generateKey();
  const keyring = createKeyring(encryptionKey);
  const { adminPassword = '' } = await bootstrapSettings(connection.db, keyring);
  const cluster = await saveCluster(connection.db, keyring, {
    name: 'in-cluster',
    server: inClusterServer,
    credentials: { bearerToken: 'canary-cluster-token' },
  });
  return { connection, encryptionKey, keyring, adminPassword, clusterId: cluster.id };
}

/** Logs in and answers with the token and the reply. */
export async function login(api: Api, password: string, username = 'admin') {
  const response = await api.request('/api/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const body = parseJson(await response.clone().text());
  return { response, token: String(at(body, 'token') ?? '') };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Plain text replies are asserted as they are.
    return text;
  }
}

const inspectNothing: ControlEngine['inspect'] = async (request) => {
  if (request.kind === 'validate') return { reply: {} };
  if (request.kind === 'sources') return { reply: { issues: [] } };
  return { failure: { code: 'unavailable', message: 'no worker is here; start one', retryable: true } };
};

/** Nobody carries the action out in time. */
const noWorker: ControlEngine['runAction'] = async () => undefined;

function recordHints(hints: Hint[]): Omit<ControlEngine, 'inspect' | 'runAction'> {
  const record =
    (call: Hint['call']) =>
    async (argument?: unknown): Promise<void> => {
      hints.push(argument === undefined ? { call } : { call, argument });
    };
  return {
    startOperation: record('startOperation'),
    nudgeOperation: record('nudgeOperation'),
    refreshApplication: record('refreshApplication'),
    refreshApplications: async (ids) => {
      for (const argument of ids) hints.push({ call: 'refreshApplication', argument });
    },
    refreshRepository: record('refreshRepository'),
    refreshRepositories: record('refreshRepositories'),
    ensureClusterSession: record('ensureClusterSession'),
  };
}

const nothing = (): void => {};
const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** An Application that the test server accepts. */
export function guestbook(name = 'guestbook', spec: Record<string, unknown> = {}) {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name },
    spec: {
      project: 'default',
      source: { repoURL: 'https://git.example.com/team/deploy.git', path: 'guestbook' },
      destination: { server: inClusterServer, namespace: 'demo' },
      ...spec,
    },
  };
}

/** The value at a dotted path (`items.0.metadata.name`), undefined when the path leads nowhere. */
export function at(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Reflect.get(found, name);
  }
  return found;
}

/** Waits until a condition holds; fails with its name when the time is over. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  seconds = 10,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
