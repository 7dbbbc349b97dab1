import { createHash, createPrivateKey, createSign, type KeyObject } from 'node:crypto';
import { Agent, type Dispatcher, fetch, ProxyAgent } from 'undici';
import { z } from 'zod';
import { KeelsonError } from '../../../core/errors.ts';
import { formatJson, parseJson } from '../../../core/object/json/json.ts';
import { withoutTrailing } from '../../../core/text/trim.ts';
import { anyPrivate } from '../../../platform/way-out/addresses.ts';
import { guardedLookup, RefusedHost, refuseBeforeProxy } from '../../../platform/way-out/lookup.ts';
import { certificateCode } from '../../remote/failure.ts';
import { isExempt } from '../../remote/no-proxy.ts';
import { proxyAddress } from '../../remote/proxy-address.ts';
import { certificateFaultSeen } from '../../remote/seen-certificate.ts';
import type { Login } from './askpass.ts';
import type { Remote } from './remote.ts';

/** Tokens live for an hour; what is left of one must outlast a long fetch. */
const renewMilliseconds = 10 * 60 * 1000;

/** The longest that the server lets a claim live is ten minutes; its clock may be a minute off. */
const claimSeconds = { before: 60, after: 540 };

const timeoutMilliseconds = 30_000;

const Installation = z.object({ id: z.number() });
const AccessToken = z.object({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }) });

type Token = { readonly login: Login; readonly expires: number };

type App = {
  readonly id: string;
  readonly installation: string | undefined;
  readonly key: string;
  /** Of the API: `https://api.github.com`, or `https://<host>/api/v3` of an enterprise server. */
  readonly base: string;
};

/** Logins of GitHub Apps: one installation token for all who use the same app, until shortly before it expires. */
export type AppLogins = {
  login(remote: Remote): Promise<Login | undefined>;
  /** Forgets a token that the server refused, as it does when the installation was removed. */
  forget(remote: Remote): void;
};

/** Makes and remembers installation tokens. */
export function createAppLogins(now: () => number = Date.now): AppLogins {
  const tokens = new Map<string, Promise<Token>>();

  const tokenOf = async (name: string, app: App, remote: Remote): Promise<Token> => {
    const known = await tokens.get(name);
    if (known !== undefined && known.expires - renewMilliseconds > now()) return known;
    const asked = askToken(app, remote, now());
    tokens.set(name, asked);
    // A refusal is not remembered; the caller itself sees it.
    asked.catch(() => {
      if (tokens.get(name) === asked) tokens.delete(name);
    });
    return await asked;
  };

  return {
    login: async (remote) => {
      const app = appOf(remote);
      return app === undefined ? undefined : (await tokenOf(nameOf(app, remote), app, remote)).login;
    },
    forget: (remote) => {
      const app = appOf(remote);
      if (app !== undefined) tokens.delete(nameOf(app, remote));
    },
  };
}

function appOf({ credentials }: Remote): App | undefined {
  const { githubAppID, githubAppInstallationID, githubAppPrivateKey, githubAppEnterpriseBaseUrl } =
    credentials;
  if (githubAppID === undefined || githubAppPrivateKey === undefined) return undefined;
  return {
    id: githubAppID,
    installation: githubAppInstallationID || undefined,
    key: githubAppPrivateKey,
    base: withoutTrailing(githubAppEnterpriseBaseUrl || 'https://api.github.com', '/'),
  };
}

/** Without the installation's number, the repository tells which installation is asked for. */
function nameOf(app: App, remote: Remote): string {
  const parts = [app.base, app.id, app.installation ?? remote.url, app.key];
  return createHash('sha256').update(formatJson(parts)).digest('hex');
}

async function askToken(app: App, remote: Remote, now: number): Promise<Token> {
  await refuseMetadata(app, remote);
  const dispatcher = dispatcherFor(remote, app.base);
  const authorization = `Bearer ${claim(app, remote, Math.floor(now / 1000))}`;
  const ask = async (method: 'GET' | 'POST', path: string): Promise<unknown> => {
    const headers = { authorization, accept: 'application/vnd.github+json', 'user-agent': 'keelson' };
    const signal = AbortSignal.timeout(timeoutMilliseconds);
    const reply = await fetch(`${app.base}${path}`, {
      method,
      headers,
      signal,
      redirect: 'error',
      dispatcher,
    }).catch(async (cause: unknown) => {
      throw await unreached(app, remote, cause);
    });
    const text = await reply.text();
    if (!reply.ok) throw refusal(app, remote, reply.status);
    return parseJson(text);
  };
  try {
    const installation = app.installation ?? (await installationOf(remote, ask));
    const path = `/app/installations/${encodeURIComponent(installation)}/access_tokens`;
    const { token, expires_at } = AccessToken.parse(await ask('POST', path));
    return { login: { username: 'x-access-token', password: token }, expires: Date.parse(expires_at) };
  } catch (cause) {
    if (cause instanceof KeelsonError) throw cause;
    throw failed(
      remote,
      `${app.base} gave no token; check that it is the API of a GitHub server`,
      false,
      cause,
    );
  } finally {
    await dispatcher.close();
  }
}

async function unreached({ base }: App, remote: Remote, cause: unknown): Promise<KeelsonError> {
  const code = certificateCode(cause);
  if (code === undefined) {
    const what = `${base} cannot be reached; check the enterprise base URL and the network`;
    return failed(remote, what, true, cause);
  }
  const url = new URL(base);
  const { proxy, noProxy = '' } = remote.credentials;
  const way = proxy === undefined || isExempt(url, noProxy) ? {} : { proxy: new URL(proxyAddress(proxy)) };
  const look = { url, ca: remote.caBundle, ...way, lookup: guardedLookup(anyPrivate) };
  const fault = await certificateFaultSeen(look, remote, code);
  return failed(remote, `the TLS certificate of ${url.host} ${fault}`, false, cause);
}

/** The API is where administrators say, which is never a service that knows the machine's credentials. */
async function refuseMetadata(app: App, remote: Remote): Promise<void> {
  const host = new URL(app.base).hostname.replace(/^\[|\]$/g, '');
  await refuseBeforeProxy(host, anyPrivate).catch((cause: unknown) => {
    if (cause instanceof RefusedHost) throw failed(remote, cause.message, false);
    throw cause;
  });
}

async function installationOf(
  remote: Remote,
  ask: (method: 'GET', path: string) => Promise<unknown>,
): Promise<string> {
  const [owner = '', name = ''] = new URL(remote.url).pathname.replace(/^\/+/, '').split('/');
  const path = `/repos/${owner}/${name.replace(/\.git$/, '')}/installation`;
  return String(Installation.parse(await ask('GET', path)).id);
}

/** A signed statement of the app, by which the server knows it. */
function claim(app: App, remote: Remote, nowSeconds: number): string {
  const part = (content: object): string => Buffer.from(formatJson(content)).toString('base64url');
  const head = part({ alg: 'RS256', typ: 'JWT' });
  const body = part({
    iat: nowSeconds - claimSeconds.before,
    exp: nowSeconds + claimSeconds.after,
    iss: app.id,
  });
  const signed = createSign('RSA-SHA256').update(`${head}.${body}`).sign(keyOf(app, remote), 'base64url');
  return `${head}.${body}.${signed}`;
}

function keyOf(app: App, remote: Remote): KeyObject {
  try {
    return createPrivateKey(app.key);
  } catch {
    // The parser's own message could repeat parts of the key.
    throw failed(
      remote,
      'the private key of its GitHub App is no PEM key; store the file that GitHub gave',
      false,
    );
  }
}

function refusal(app: App, remote: Remote, status: number): KeelsonError {
  const passes = status >= 500 || status === 429;
  const where = `GitHub App ${app.id} got ${status} from ${app.base}: ${adviceFor(status, passes)}`;
  return failed(remote, where, passes);
}

function adviceFor(status: number, passes: boolean): string {
  if (passes) return 'the server failed to answer; it is tried again, look at the server if it stays';
  return status === 404
    ? 'the app is not installed there; check the installation and its id'
    : 'the app was refused; check its id, its private key and the clock of the workers';
}

function failed(remote: Remote, what: string, retryable: boolean, cause?: unknown): KeelsonError {
  return new KeelsonError('source-unreachable', `repository ${remote.url}: ${what}`, {
    retryable,
    cause,
    details: { reason: retryable ? 'connection' : 'auth' },
  });
}

function dispatcherFor(remote: Remote, base: string): Dispatcher {
  const { insecure, proxy, noProxy = '' } = remote.credentials;
  const tls = {
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
    ...(remote.caBundle === undefined ? {} : { ca: remote.caBundle }),
  };
  const lookup = guardedLookup(anyPrivate);
  if (proxy === undefined || isExempt(new URL(base), noProxy))
    return new Agent({ connect: { ...tls, lookup } });
  return new ProxyAgent({ uri: proxyAddress(proxy), requestTls: tls, proxyTls: { lookup } });
}
