import { KeelsonError } from '../../core/errors.ts';
import { quoted } from '../../core/text/shell-word.ts';
import { withoutTrailing } from '../../core/text/trim.ts';
import { readNamedFile } from '../files/read-path.ts';
import type { TokenOrigin } from './api-error.ts';
import type { ConfigFile, Environment } from './config-file.ts';
import type { ClientOptions } from './sender.ts';

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

/** What a client needs to know of a server and the session there. */
type Connection = Pick<ClientOptions, 'server' | 'token' | 'tokenFrom' | 'login' | 'insecure'>;

/**
 * Which server is meant and with which session: flags before variables before the current context. A stored token
 * goes only to the server that it was stored for.
 */
export function resolveConnection(flags: GlobalFlags, env: Environment, config: ConfigFile): Connection {
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
  const known = config.servers.find((one) => one.server === address);
  const own = context?.server === address ? context : undefined;
  const user = config.users.find((one) => one.name === own?.user);
  const plaintext = flags.plaintext ?? parsed?.plaintext ?? known?.['plain-text'] ?? false;
  const insecure = flags.insecure ?? known?.insecure ?? false;
  const server = urlOf(address, plaintext);
  const words = ['keelson login', server];
  // The login of another name would leave this context's session as it is.
  if (own !== undefined && own.name !== address) words.push('--name', shellWord(own.name));
  if (insecure) words.push('--insecure');
  if (flags.serverCrt !== undefined) words.push('--server-crt', shellWord(flags.serverCrt));
  return { server, insecure, login: words.join(' '), ...tokenOf(flags, env, user?.['auth-token']) };
}

function tokenOf(
  flags: GlobalFlags,
  env: Environment,
  stored: string | undefined,
): Pick<Connection, 'token' | 'tokenFrom'> {
  const given: readonly (readonly [TokenOrigin, string | undefined])[] = [
    ['--auth-token', flags.authToken],
    ['KEELSON_AUTH_TOKEN', nonEmpty(env['KEELSON_AUTH_TOKEN'])],
    ['ARGOCD_AUTH_TOKEN', nonEmpty(env['ARGOCD_AUTH_TOKEN'])],
    ['login', nonEmpty(stored)],
  ];
  const [tokenFrom, token] = given.find(([, one]) => one !== undefined) ?? [];
  return { token, tokenFrom };
}

/** A text as one word of a shell. */
function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : quoted(text);
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
    certificateAuthority:
      flags.serverCrt === undefined
        ? undefined
        : await readNamedFile(flags.serverCrt, `certificate file ${flags.serverCrt}`),
    headers: Object.fromEntries((flags.header ?? []).map(parseHeader)),
  };
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
