import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Dispatcher } from 'undici';
import { KeelsonError } from '../../core/errors.ts';
import type { RepositoryAccess, RepositoryCredentials } from '../../core/repository/access.ts';
import { placesOf } from '../../core/repository/address.ts';
import { anySignal } from '../../core/waiting/any-signal.ts';
import { basicAuthorization } from '../../platform/basic-authorization.ts';
import { boundedBytes, readBounded } from '../../platform/bounded-bytes.ts';
import { anyPrivate, type PrivateHosts, privateHosts } from '../../platform/way-out/addresses.ts';
import {
  guardedLookup,
  RefusedHost,
  refuseBeforeProxy,
  refuseWritten,
} from '../../platform/way-out/lookup.ts';
import { createDispatchers, proxyHost, proxyUrl, trustOf } from './dispatchers.ts';
import {
  certificateCode,
  certificateFailure,
  networkFailure,
  shownUrl,
  sourceFailure,
  statusFailure,
} from './failure.ts';
import { redirectOf } from './redirect.ts';
import { certificateFaultSeen } from './seen-certificate.ts';

/** One file or listing to read over HTTP. */
export type HttpRequest = {
  readonly url: URL;
  /** Whose TLS and proxy settings hold, and who is named in messages. */
  readonly access: RepositoryAccess;
  /** What is read, as messages name it: `index.yaml`. */
  readonly what: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Goes to the origin of the address and not to others that it redirects to. */
  readonly authorization?: string | undefined;
  /** Whether the client certificate is shown to the address; never to others that it redirects to. */
  readonly own: boolean;
  /** Statuses besides 200 that the caller understands. */
  readonly accepts?: readonly number[];
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
};

export type HttpReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
};

/** Reads from servers that repositories name, each with its own TLS, proxy and credentials. */
export type Http = {
  read(request: HttpRequest): Promise<HttpReply & { readonly body: Buffer }>;
  /** The same into a file that must not exist yet; it is written for status 200 only. */
  save(request: HttpRequest, path: string): Promise<HttpReply>;
  close(): Promise<void>;
};

const maxRedirects = 10;
/** For one request with its body; a chart of the largest size needs 10 s at 200 Mbit/s. */
const totalTimeoutMs = 300_000;
const userAgent = 'keelson';

/**
 * Opens no connection before the first request; the hosts are those that sources may name in private networks, a
 * server that is silent for `silenceMs` is given up.
 */
export function createHttp(hosts: readonly string[] = [], silenceMs = 30_000): Http {
  const dispatchers = createDispatchers(silenceMs);
  const known = privateHosts(hosts);

  const send = async (request: HttpRequest, signal: AbortSignal): Promise<Followed> => {
    let { url, authorization, own } = request;
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      const allowed = isOwnPlace(request.access, url) ? undefined : known;
      await checkAddress(request.access, url, allowed ?? anyPrivate);
      const asked = dispatchers.to(url, request.access, own, allowed).request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: 'GET',
        headers: {
          'user-agent': userAgent,
          ...request.headers,
          ...authorizationHeader(authorization),
        },
        signal,
      });
      const reply = await asked.catch(async (cause: unknown) => {
        if (signal.aborted) throw cause;
        throw await unanswered({ access: request.access, url, own, allowed: allowed ?? anyPrivate }, cause);
      });
      const next = redirectOf(reply, url);
      if (next === undefined) return { reply, url };
      await reply.body.dump();
      refuseDowngrade(request, url, next);
      if (next.origin !== url.origin) {
        authorization = undefined;
        own = false;
      }
      url = next;
    }
    throw sourceFailure(
      request.access,
      `${request.what} is redirected more than ${maxRedirects} times; use its real address`,
    );
  };

  const open = async (request: HttpRequest, signal: AbortSignal): Promise<Followed> => {
    const followed = await send(request, signal);
    const {
      reply: { statusCode },
      url,
    } = followed;
    if (statusCode === 200 || request.accepts?.includes(statusCode) === true) return followed;
    await followed.reply.body.dump();
    const proxy = url.protocol === 'http:' ? proxyHost(url, request.access) : undefined;
    throw statusFailure(request.access, request.what, statusCode, proxy);
  };

  const guarded = async <T>(request: HttpRequest, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const limit = AbortSignal.timeout(totalTimeoutMs);
    const signal = request.signal === undefined ? limit : anySignal([request.signal, limit]);
    try {
      return await work(signal);
    } catch (cause) {
      if (cause instanceof KeelsonError) throw cause;
      if (request.signal?.aborted === true) {
        throw sourceFailure(request.access, 'reading was stopped before it ended', { retryable: true });
      }
      const { access, url } = request;
      throw networkFailure(access, url.host, limit.aborted ? limit.reason : cause, proxyHost(url, access));
    }
  };

  return {
    read: async (request) =>
      await guarded(request, async (signal) => {
        const { reply, url } = await open(request, signal);
        const body = await readBounded(reply.body, request.maxBytes, () => tooLong(request));
        return { status: reply.statusCode, headers: reply.headers, url, body };
      }),
    save: async (request, path) =>
      await guarded(request, async (signal) => {
        const { reply, url } = await open(request, signal);
        const answer = { status: reply.statusCode, headers: reply.headers, url };
        if (reply.statusCode !== 200) {
          await reply.body.dump();
          return answer;
        }
        const bytes = boundedBytes(reply.body, request.maxBytes, () => tooLong(request));
        await pipeline(bytes, createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal });
        return answer;
      }),
    close: () => dispatchers.close(),
  };
}

type Hop = Pick<HttpRequest, 'access' | 'own' | 'url'> & { readonly allowed: PrivateHosts };

/** Why an address gave no answer; a redirect may have led there. */
async function unanswered({ access, url, own, allowed }: Hop, cause: unknown): Promise<KeelsonError> {
  if (cause instanceof RefusedHost) return sourceFailure(access, cause.message);
  const code = certificateCode(cause);
  if (code === undefined) return networkFailure(access, url.host, cause, proxyHost(url, access));
  const look = { url, ...trustOf(access, own), proxy: proxyUrl(url, access), lookup: guardedLookup(allowed) };
  return certificateFailure(access, url.host, await certificateFaultSeen(look, access, code), cause);
}

type Followed = { readonly reply: Dispatcher.ResponseData; readonly url: URL };

/** The value of an Authorization header for credentials; undefined without any. */
export function authorizationOf(credentials: RepositoryCredentials): string | undefined {
  const { username = '', password = '', bearerToken } = credentials;
  if (username !== '' || password !== '') {
    return basicAuthorization(username, password);
  }
  return bearerToken ? `Bearer ${bearerToken}` : undefined;
}

function tooLong({ access, what, maxBytes }: HttpRequest): KeelsonError {
  return sourceFailure(
    access,
    `${what} has more than ${maxBytes} bytes, which is the limit; make it smaller`,
  );
}

function authorizationHeader(authorization: string | undefined): Record<string, string> {
  return authorization === undefined ? {} : { authorization };
}

/** Addresses that indexes, replies and redirects name are a source's; only where the repository is may be private. */
function isOwnPlace({ url: own, fromSource }: RepositoryAccess, url: URL): boolean {
  const [place] = placesOf(url.href);
  return fromSource !== true && place !== undefined && placesOf(own).includes(place);
}

async function checkAddress(access: RepositoryAccess, url: URL, allowed: PrivateHosts): Promise<void> {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw sourceFailure(access, `${url.protocol}// addresses cannot be read; use https://`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  try {
    if (proxyHost(url, access) === undefined) refuseWritten(host, allowed);
    else await refuseBeforeProxy(host, allowed);
  } catch (cause) {
    if (cause instanceof RefusedHost) throw sourceFailure(access, cause.message);
    throw cause;
  }
}

/** What came over https must not be replaced by what anybody on the way can change. */
function refuseDowngrade({ access, what }: HttpRequest, from: URL, to: URL): void {
  if (from.protocol !== 'https:' || to.protocol !== 'http:') return;
  throw sourceFailure(
    access,
    `${what} is redirected from https to http (${shownUrl(to.href)}); use an address that stays with https`,
  );
}
