import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { KeelsonError } from '../../core/errors.ts';
import { systemCode, unreadablePath } from '../files/read-path.ts';

/** Variables of the environment, given by whoever starts the command line. */
export type Environment = Readonly<Record<string, string | undefined>>;

const ContextEntry = z.looseObject({ name: z.string(), server: z.string(), user: z.string() });
const ServerEntry = z.looseObject({
  server: z.string(),
  'plain-text': z.boolean().optional(),
  insecure: z.boolean().optional(),
});
const UserEntry = z.looseObject({ name: z.string(), 'auth-token': z.string().optional() });

/** The file that remembers servers and sessions; fields that the command line never reads stay in it. */
export const ConfigFile = z.looseObject({
  'current-context': z
    .string()
    .nullish()
    .transform((name) => name ?? ''),
  contexts: entries(ContextEntry),
  servers: entries(ServerEntry),
  users: entries(UserEntry),
});
export type ConfigFile = z.infer<typeof ConfigFile>;

function entries<Item extends z.ZodType>(item: Item) {
  return z
    .array(item)
    .nullish()
    .transform((list) => list ?? []);
}

/** Where the file is unless a flag or variable says otherwise. */
export function configPath(env: Environment, flag: string | undefined): string {
  const named = flag ?? env['KEELSON_CONFIG'];
  if (named !== undefined && named !== '') return named;
  const home = env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config');
  return join(home, 'keelson', 'config');
}

/** Reads the file; one that does not exist is empty, one that others can read is refused. */
export async function readConfig(path: string): Promise<ConfigFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
    await refuseWideMode(path);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return ConfigFile.parse({});
    if (cause instanceof KeelsonError) throw cause;
    throw unreadablePath(`config file ${path}`, 'file', cause);
  }
  const parsed = ConfigFile.safeParse(parseYaml(path, text) ?? {});
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
  throw broken(path, `${place} is not as expected`);
}

async function refuseWideMode(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return;
  throw new KeelsonError(
    'precondition-failed',
    `config file ${path} holds session tokens and others can read it; run chmod 600 ${path}`,
  );
}

function parseYaml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch {
    // The parser quotes the line it stumbled over, and a line of this file can hold a token.
    throw broken(path, 'it is not YAML');
  }
}

function broken(path: string, reason: string): KeelsonError {
  return new KeelsonError(
    'precondition-failed',
    `config file ${path} cannot be used: ${reason}; repair it, or delete it, which forgets all contexts, and log in again`,
  );
}

/** Replaces the file as a whole, readable by its owner only. */
export async function writeConfig(path: string, config: ConfigFile): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(draft, stringify(config), { mode: 0o600, flag: 'wx' });
    await chmod(draft, 0o600);
    await rename(draft, path);
  } catch (cause) {
    // Where nothing could be written nothing needs to go, and why that was so is the failure to tell.
    await rm(draft, { force: true }).catch(() => {});
    throw new KeelsonError(
      'precondition-failed',
      `config file ${path} cannot be written (${systemCode(cause)}); see that its folder is one that this user may write to`,
      { cause },
    );
  }
}

/** One login: how a context, its server and its user are called and reached. */
export type Login = {
  readonly name: string;
  readonly server: string;
  readonly plaintext: boolean;
  readonly insecure: boolean;
  readonly token: string;
};

/** The config with a login added or renewed, and made the current one. */
export function withLogin(config: ConfigFile, login: Login): ConfigFile {
  const { name, server } = login;
  return {
    ...config,
    'current-context': name,
    contexts: upsert(config.contexts, (one) => one.name === name, { name, server, user: name }),
    servers: upsert(config.servers, (one) => one.server === server, {
      server,
      'plain-text': login.plaintext,
      insecure: login.insecure,
    }),
    users: upsert(config.users, (one) => one.name === name, { name, 'auth-token': login.token }),
  };
}

function upsert<Entry extends object>(
  list: readonly Entry[],
  isSame: (entry: Entry) => boolean,
  entry: Entry,
): Entry[] {
  const index = list.findIndex(isSame);
  if (index === -1) return [...list, entry];
  return list.with(index, { ...list[index], ...entry });
}

/** The config with another token for a user. */
export function withToken(config: ConfigFile, user: string, token: string): ConfigFile {
  const users = upsert(config.users, (one) => one.name === user, { name: user, 'auth-token': token });
  return { ...config, users };
}

/** The config without a user's token. */
export function withoutToken(config: ConfigFile, user: string): ConfigFile {
  const users = config.users.map((one) => {
    if (one.name !== user) return one;
    const { 'auth-token': _, ...rest } = one;
    return rest;
  });
  return { ...config, users };
}

/** The config without a context, and without its server and user when no other context uses them. */
export function withoutContext(config: ConfigFile, name: string): ConfigFile {
  const removed = config.contexts.find((one) => one.name === name);
  const contexts = config.contexts.filter((one) => one.name !== name);
  return {
    ...config,
    'current-context': config['current-context'] === name ? '' : config['current-context'],
    contexts,
    servers: config.servers.filter(
      (one) => one.server !== removed?.server || contexts.some((other) => other.server === one.server),
    ),
    users: config.users.filter(
      (one) => one.name !== removed?.user || contexts.some((other) => other.user === one.name),
    ),
  };
}
