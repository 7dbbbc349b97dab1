import { readFile } from 'node:fs/promises';
import { KeelsonError } from '../core/errors.ts';
import { withoutTrailing } from '../core/trim.ts';
import type { ClientOptions } from './client.ts';
import type { ConfigFile, Environment } from './config-file.ts';

/** Flags that every command takes. */
export type GlobalFlags = {
  readonly server?: string;
  readonly authToken?: string;
  readonly plaintext?: boolean;
  readonly insecure?: boolean;
  readonly serverCrt?: string;
  readonly header?: readonly string[];
  readonly config?: string;
  readonly context?: string;
  readonly argocdContext?: string;
  readonly loglevel?: string;
};

/** A server as people write it, taken apart: the address has no scheme and no closing slash. */
export type ServerAddress = { readonly address: string; readonly plaintext: boolean | undefined };

/** Reads `host:port`, or a URL whose scheme says whether TLS is spoken. */
export function parseServer(text: string): ServerAddress {
  const [, scheme, rest] = /^(?:(https?):\/\/)?(.*)$/i.exec(text.trim()) ?? [];
  const address = withoutTrailing(rest ?? '', '/');
  if (address === '' || !URL.canParse(`https://${address}`) || /[@?#\s]|\/\//.test(address)) {
    throw new KeelsonError(
      'invalid-argument',
      'server address cannot be read; write HOST:PORT or a URL such as https://keelson.example.com',
    );
  }
  return { address, plaintext: scheme === undefined ? undefined : scheme.toLowerCase() === 'http' };
}

/** The base URL of a server. */
export function urlOf(address: string, plaintext: boolean): string {
  return `${plaintext ? 'http' : 'https'}://${address}`;
}

/**
 * Which server is meant and with which session: flags before variables before the current context. A stored token
 * goes only to the server that it was stored for.
 */
export function resolveConnection(
  flags: GlobalFlags,
  env: Environment,
  config: ConfigFile,
): Pick<ClientOptions, 'server' | 'token' | 'insecure'> {
  const named = flags.server ?? nonEmpty(env['KEELSON_SERVER']) ?? nonEmpty(env['ARGOCD_SERVER']);
  const parsed = named === undefined ? undefined : parseServer(named);
  const context = contextFor(flags.context ?? flags.argocdContext, parsed?.address, config);
  const address = parsed?.address ?? context?.server;
  if (address === undefined) {
    throw new KeelsonError(
      'unauthenticated',
      'no server is known; run keelson login SERVER, or pass --server',
    );
  }
  const server = config.servers.find((one) => one.server === address);
  const user =
    context?.server === address ? config.users.find((one) => one.name === context.user) : undefined;
  const plaintext = flags.plaintext ?? parsed?.plaintext ?? server?.['plain-text'] ?? false;
  const token =
    flags.authToken ??
    nonEmpty(env['KEELSON_AUTH_TOKEN']) ??
    nonEmpty(env['ARGOCD_AUTH_TOKEN']) ??
    nonEmpty(user?.['auth-token']);
  return {
    server: urlOf(address, plaintext),
    token,
    insecure: flags.insecure ?? server?.insecure ?? false,
  };
}

type Context = ConfigFile['contexts'][number];

/** The context whose stored token a command uses; undefined where a flag or a variable brings another one. */
export function contextInUse(flags: GlobalFlags, env: Environment, config: ConfigFile): Context | undefined {
  const { token } = resolveConnection(flags, env, config);
  const named = flags.server ?? nonEmpty(env['KEELSON_SERVER']) ?? nonEmpty(env['ARGOCD_SERVER']);
  const address = named === undefined ? undefined : parseServer(named).address;
  const context = contextFor(flags.context ?? flags.argocdContext, address, config);
  const user = config.users.find((one) => one.name === context?.user);
  return token !== undefined && user?.['auth-token'] === token ? context : undefined;
}

function contextFor(
  name: string | undefined,
  address: string | undefined,
  config: ConfigFile,
): Context | undefined {
  if (name !== undefined) return requireContext(config, name);
  const current = config.contexts.find((one) => one.name === config['current-context']);
  if (address === undefined || current?.server === address) return current;
  return config.contexts.find((one) => one.server === address);
}

/** The context of a name; throws when there is none. */
export function requireContext(config: ConfigFile, name: string): Context {
  const context = config.contexts.find((one) => one.name === name);
  if (context !== undefined) return context;
  const known = config.contexts.map((one) => one.name).join(', ');
  const remedy = known === '' ? 'run keelson login SERVER' : `use one of ${known}`;
  throw new KeelsonError('invalid-argument', `context "${name}" does not exist; ${remedy}`);
}

/** The options of a client that do not depend on the session. */
export async function transportOptions(
  flags: GlobalFlags,
): Promise<Pick<ClientOptions, 'certificateAuthority' | 'headers'>> {
  return {
    certificateAuthority: flags.serverCrt === undefined ? undefined : await readText(flags.serverCrt),
    headers: Object.fromEntries((flags.header ?? []).map(parseHeader)),
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new KeelsonError('invalid-argument', `certificate file ${path} cannot be read; check the path`, {
      cause,
    });
  }
}

function parseHeader(text: string): [string, string] {
  const colon = text.indexOf(':');
  if (colon > 0) return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
  // The text itself is left out of the message: headers carry credentials.
  throw new KeelsonError('invalid-argument', '--header cannot be read; write it as "Name: value"');
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
