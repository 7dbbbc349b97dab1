import { later, mapped, noProcessors, noRedis, noRepoServer, noShards, type Outcome } from './outcome.ts';

/** How a text of the reference is written as ours. */
export type StartForm = 'as it is' | 'seconds' | 'level';

/** A flag or variable of the reference's programs; one that is mapped names the variable of Keelson that it sets. */
export type StartKey = {
  readonly outcome: Outcome;
  readonly sets?: string;
  readonly form?: StartForm;
};

const production = later('running in production');
const signOn = later('accounts and sign-on');

function sets(variable: string, form: StartForm = 'as it is'): StartKey {
  return { outcome: mapped(`sets \`${variable}\``), sets: variable, form };
}

const level = sets('KEELSON_LOG_LEVEL', 'level');
const format = sets('KEELSON_LOG_FORMAT');
const interval = sets('KEELSON_RECONCILE_SECONDS', 'seconds');
const parallel = sets('KEELSON_RENDERS_AT_ONCE');
const redis = { outcome: noRedis };
const shards = { outcome: noShards };

/** Variables of the reference's programs that a role looks at when it starts. */
export const variables = {
  ARGOCD_CONTROLLER_REPLICAS: shards,
  ARGOCD_CONTROLLER_SHARDING_ALGORITHM: shards,
  ARGOCD_EXEC_TIMEOUT: sets('KEELSON_TOOL_SECONDS', 'seconds'),
  ARGOCD_GIT_ATTEMPTS_COUNT: sets('KEELSON_GIT_ATTEMPTS'),
  ARGOCD_GIT_REQUEST_TIMEOUT: sets('KEELSON_LISTING_SECONDS', 'seconds'),
  ARGOCD_HARD_RECONCILIATION_TIMEOUT: sets('KEELSON_HARD_RECONCILE_SECONDS', 'seconds'),
  ARGOCD_GPG_ENABLED: { outcome: later('sources') },
  ARGOCD_LOG_FORMAT: format,
  ARGOCD_LOG_LEVEL: level,
  ARGOCD_RECONCILIATION_TIMEOUT: interval,
  ARGOCD_REPO_SERVER_PARALLELISM_LIMIT: parallel,
  ARGOCD_SESSION_FAILURE_MAX_FAIL_COUNT: { outcome: signOn },
  ARGOCD_SESSION_FAILURE_WINDOW_SECONDS: { outcome: signOn },
  ARGOCD_SESSION_MAX_CACHE_SIZE: { outcome: signOn },
  HELM_CACHE_HOME: { outcome: { state: 'ignored', words: 'each render has folders of its own' } },
  HELM_CONFIG_HOME: { outcome: { state: 'ignored', words: 'each render has folders of its own' } },
  HELM_DATA_HOME: { outcome: { state: 'ignored', words: 'each render has folders of its own' } },
  REDIS_PASSWORD: redis,
  REDIS_SERVER: redis,
  REDIS_USERNAME: redis,
} as const satisfies Readonly<Record<string, StartKey>>;

/** Flags of the reference's programs, which a role takes in the place of its variables. */
export const flags = {
  '--app-hard-resync': sets('KEELSON_HARD_RECONCILE_SECONDS', 'seconds'),
  '--app-resync': interval,
  '--dex-server': { outcome: signOn },
  '--insecure': { outcome: production },
  '--kubectl-parallelism-limit': { outcome: noProcessors },
  '--logformat': format,
  '--loglevel': level,
  '--operation-processors': { outcome: noProcessors },
  '--parallelism-limit': parallel,
  '--port': sets('KEELSON_PORT'),
  '--redis': redis,
  '--redis-compress': redis,
  '--redisdb': redis,
  '--repo-server': { outcome: noRepoServer },
  '--repo-server-timeout-seconds': sets('KEELSON_TOOL_SECONDS', 'seconds'),
  '--self-heal-timeout-seconds': sets('KEELSON_SELF_HEAL_SECONDS', 'seconds'),
  '--sentinel': redis,
  '--sentinelmaster': redis,
  '--sharding-method': shards,
  '--staticassets': {
    outcome: { state: 'ignored', words: 'the user interface is the one that `KEELSON_UI_DIR` names' },
  },
  '--status-processors': { outcome: noProcessors },
} as const satisfies Readonly<Record<string, StartKey>>;
