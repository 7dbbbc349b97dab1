import { hostname } from 'node:os';
import { z } from 'zod';
import { KeelsonError } from '../core/errors.ts';
import { readStart } from '../core/settings/keys/read-start.ts';

const Seconds = z.coerce.number().positive();

const HostList = z
  .string()
  .transform((text) => text.split(',').map((host) => host.trim()))
  .transform((hosts) => hosts.filter((host) => host !== ''));

const Flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

/** Everything a role reads from its environment. */
export const Config = z.object({
  KEELSON_DATABASE_URL: z.string().min(1),
  KEELSON_TEMPORAL_ADDRESS: z.string().min(1).default('127.0.0.1:7233'),
  KEELSON_TEMPORAL_NAMESPACE: z.string().min(1).default('keelson'),
  /** TLS to Temporal; on by itself as soon as a certificate, a name or an API key is given. */
  KEELSON_TEMPORAL_TLS: z.enum(['on', 'off']).optional(),
  /** Files in PEM: whom Temporal's certificate may come from, and who we are. */
  KEELSON_TEMPORAL_TLS_CA: z.string().min(1).optional(),
  KEELSON_TEMPORAL_TLS_CERT: z.string().min(1).optional(),
  KEELSON_TEMPORAL_TLS_KEY: z.string().min(1).optional(),
  /** Name in Temporal's certificate when it isn't that of the address. */
  KEELSON_TEMPORAL_TLS_SERVER_NAME: z.string().min(1).optional(),
  KEELSON_TEMPORAL_API_KEY: z.string().min(1).optional(),
  KEELSON_ENCRYPTION_KEY: z.string().min(1),
  KEELSON_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** How log lines are written: as JSON, or for eyes. */
  KEELSON_LOG_FORMAT: z.enum(['json', 'text']).default('json'),
  KEELSON_HOST: z.string().default('127.0.0.1'),
  KEELSON_PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  /** Address under which people reach the server; for links and cookies. */
  KEELSON_URL: z.string().default(''),
  KEELSON_UI_DIR: z.string().optional(),
  KEELSON_CACHE_DIR: z.string().default('.keelson/cache'),
  /** Protocols that repository addresses may have; `file` reads any repository on the worker's disk. */
  KEELSON_GIT_PROTOCOLS: z
    .string()
    .default('https,http,ssh')
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(['https', 'http', 'ssh', 'file']))),
  /** Size of all Git mirrors under the cache directory from which the ones unused for longest are removed. */
  KEELSON_GIT_CACHE_GIB: z.coerce.number().positive().default(10),
  KEELSON_NAMESPACE: z.string().default('argocd'),
  KEELSON_ADMIN_PASSWORD: z.string().min(1).optional(),
  /** Kubeconfig of the cluster that is registered as `in-cluster` at start. */
  KEELSON_IN_CLUSTER_KUBECONFIG: z.string().optional(),
  KEELSON_IN_CLUSTER_CONTEXT: z.string().optional(),
  /** Whether objects of the home cluster are what holds, and rows mirror them. The same for all roles. */
  KEELSON_HOME_BRIDGE: Flag,
  /** Deletions of applications' objects within so many seconds count together: many of them wait for an answer. */
  KEELSON_HOME_GUARD_SECONDS: Seconds.default(60),
  /** Seconds for which the deletion of an object waits for others that belong to it. */
  KEELSON_HOME_GATHER_SECONDS: Seconds.default(3),
  /** Seconds after which an application is forgotten whose object is gone. */
  KEELSON_HOME_DETACHED_SECONDS: Seconds.default(600),
  /** ConfigMaps `argocd-cm` and `argocd-cmd-params-cm` that the server puts in force at its start. */
  KEELSON_SETTINGS_FILE: z.string().optional(),
  KEELSON_WEBHOOK_GITHUB_SECRET: z.string().optional(),
  KEELSON_WEBHOOK_GITLAB_SECRET: z.string().optional(),
  KEELSON_WEBHOOK_GOGS_SECRET: z.string().optional(),
  KEELSON_WEBHOOK_BITBUCKET_UUID: z.string().optional(),
  KEELSON_WEBHOOK_BITBUCKETSERVER_SECRET: z.string().optional(),
  KEELSON_WEBHOOK_AZUREDEVOPS_USERNAME: z.string().optional(),
  KEELSON_WEBHOOK_AZUREDEVOPS_PASSWORD: z.string().optional(),
  KEELSON_WEBHOOK_MAX_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(5 * 1024 * 1024),
  /** Whether deliveries are believed while no provider has a secret. */
  KEELSON_WEBHOOK_OPEN: Flag,
  /** Addresses and ranges of proxies that are believed about whom they speak for. */
  KEELSON_TRUSTED_PROXIES: HostList.default([]),
  /** Seconds between two revision checks of a repository; a jitter of a third is added. */
  KEELSON_RECONCILE_SECONDS: Seconds.default(180),
  /** Seconds within which a repository has to say what it has: its refs, its index, its tags. */
  KEELSON_LISTING_SECONDS: Seconds.default(60),
  /** Tries of a listing of a Git repository that fails by the network. */
  KEELSON_GIT_ATTEMPTS: z.coerce.number().int().min(1).max(100).default(1),
  /** Programs that render at once in a worker, where the settings name no number; twice its processors when absent. */
  KEELSON_RENDERS_AT_ONCE: z.coerce.number().int().positive().optional(),
  /** Seconds that a program which renders may take. */
  KEELSON_TOOL_SECONDS: Seconds.default(90),
  /** Seconds between two self-heals of an application, where the settings name none; a time that grows when absent. */
  KEELSON_SELF_HEAL_SECONDS: Seconds.optional(),
  /** Seconds after which a render counts no longer, where the settings name none; never when absent. */
  KEELSON_HARD_RECONCILE_SECONDS: Seconds.optional(),
  KEELSON_INSTANCE: z.string().default(`${hostname()}/${process.pid}`),
  /** Whether programs that render must run in a sandbox. */
  KEELSON_RENDER_ISOLATION: z.enum(['required', 'preferred', 'off']).default('required'),
  /** Where renders that need the network get: through our proxy, or wherever the worker gets. */
  KEELSON_RENDER_EGRESS: z.enum(['guarded', 'open']).default('guarded'),
  /** Hosts, addresses and ranges with private addresses that renders may reach all the same. */
  KEELSON_RENDER_PRIVATE_HOSTS: HostList.default([]),
  /** Folder with the sockets of plugin sidecars. */
  KEELSON_PLUGIN_SOCKETS: z.string().min(1).optional(),
  /** A prebuilt workflow bundle; built at start when absent. */
  KEELSON_WORKFLOW_BUNDLE: z.string().optional(),
  /** Written with the process id once the role serves; for supervisors. */
  KEELSON_READY_FILE: z.string().optional(),
  /** Serves `/healthz` and `/readyz` of a role on a port of its own; none when absent. */
  KEELSON_HEALTH_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  /** Only for crash tests: directory in which fault points are armed. */
  KEELSON_FAULT_DIR: z.string().optional(),
});
export type Config = z.infer<typeof Config>;

const TemporalConfig = Config.pick({
  KEELSON_TEMPORAL_ADDRESS: true,
  KEELSON_TEMPORAL_TLS: true,
  KEELSON_TEMPORAL_TLS_CA: true,
  KEELSON_TEMPORAL_TLS_CERT: true,
  KEELSON_TEMPORAL_TLS_KEY: true,
  KEELSON_TEMPORAL_TLS_SERVER_NAME: true,
  KEELSON_TEMPORAL_API_KEY: true,
});
const DatabaseConfig = Config.pick({ KEELSON_DATABASE_URL: true, KEELSON_ENCRYPTION_KEY: true });

/** Reads a role's configuration, also from the reference's variables and flags; one error names every variable that is missing or wrong. */
export function readConfig(
  env: Record<string, string | undefined> = process.env,
  given: readonly string[] = [],
): Config {
  return parsedBy(Config, { ...readStart(env, given).variables, ...env });
}

/** The part of it that what is stored needs. */
export function databaseConfig(env: Record<string, string | undefined>): z.infer<typeof DatabaseConfig> {
  return parsedBy(DatabaseConfig, env);
}

/** The part of it that a connection with Temporal needs. */
export function temporalConfig(env: Record<string, string | undefined>): z.infer<typeof TemporalConfig> {
  return parsedBy(TemporalConfig, env);
}

function parsedBy<Read>(schema: z.ZodType<Read>, env: Record<string, string | undefined>): Read {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new KeelsonError(
    'invalid-argument',
    `environment can't be used: ${issues.join('; ')}; see docs/operate/configuration.md`,
  );
}

const offerPrefix = 'KEELSON_PLUGIN_ENV_';

/** Variables that plugins of the settings may ask for: `KEELSON_PLUGIN_ENV_<NAME>` is offered as `<NAME>`. */
export function offeredVariables(
  env: Record<string, string | undefined> = process.env,
): Readonly<Record<string, string>> {
  const offered = Object.entries(env).filter(([name]) => name.startsWith(offerPrefix));
  return Object.fromEntries(offered.map(([name, value]) => [name.slice(offerPrefix.length), value ?? '']));
}
