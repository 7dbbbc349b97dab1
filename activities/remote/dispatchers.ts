import { rootCertificates } from 'node:tls';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { formatJson } from '../../core/object/json/json.ts';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import { authorizationIn } from '../../platform/basic-authorization.ts';
import { anyPrivate, type PrivateHosts } from '../../platform/way-out/addresses.ts';
import { guardedLookup } from '../../platform/way-out/lookup.ts';
import { isExempt } from './no-proxy.ts';
import { proxyAddress } from './proxy-address.ts';

/** Connections by what they are made with, so that one repository's certificate never serves another. */
export type Dispatchers = {
  /**
   * `own` says whether the address is the repository's: only it gets the client certificate. `allowed` says which
   * private addresses it may lead to; absent means all, for what administrators have registered.
   */
  to(url: URL, access: RepositoryAccess, own: boolean, allowed?: PrivateHosts): Dispatcher;
  close(): Promise<void>;
};

const maxKept = 64;
const connectTimeoutMs = 15_000;
/**
 * An empty set of connections; the least recently used ones end when there are too many. A server that is silent for
 * so long before or in the middle of an answer is given up.
 */
export function createDispatchers(silenceMs: number): Dispatchers {
  const kept = new Map<string, Dispatcher>();
  return {
    to(url, access, own, allowed) {
      const options = connectionOptions(url, access, own);
      const key = formatJson([options, allowed !== undefined]);
      const dispatcher = kept.get(key) ?? open(options, allowed ?? anyPrivate, silenceMs);
      kept.delete(key);
      kept.set(key, dispatcher);
      for (const [oldest, one] of kept) {
        if (kept.size <= maxKept) break;
        kept.delete(oldest);
        void one.close();
      }
      return dispatcher;
    },
    close: async () => {
      await Promise.all([...kept.values()].map((one) => one.close()));
      kept.clear();
    },
  };
}

type ConnectionOptions = {
  readonly proxy: string | undefined;
  readonly tls: {
    readonly ca?: readonly string[];
    readonly cert?: string;
    readonly key?: string;
    readonly rejectUnauthorized: boolean;
  };
};

/** The host of the proxy that a request goes through, without its credentials; undefined where it goes directly. */
export function proxyHost(url: URL, access: RepositoryAccess): string | undefined {
  return proxyUrl(url, access)?.host;
}

/** The proxy that a request goes through, with its user and password. */
export function proxyUrl(url: URL, access: RepositoryAccess): URL | undefined {
  const proxy = proxyOf(url, access);
  return proxy === undefined ? undefined : (URL.parse(proxyAddress(proxy)) ?? undefined);
}

/** The certificates that are trusted for a host: the bundle speaks for the repository's alone, elsewhere it only adds. */
export function trustOf({ caBundle }: RepositoryAccess, own: boolean): { readonly ca?: readonly string[] } {
  if (!caBundle) return {};
  return { ca: own ? [caBundle] : [...rootCertificates, caBundle] };
}

function proxyOf(url: URL, { credentials }: RepositoryAccess): string | undefined {
  return credentials.proxy && !isExempt(url, credentials.noProxy ?? '') ? credentials.proxy : undefined;
}

function connectionOptions(url: URL, access: RepositoryAccess, own: boolean): ConnectionOptions {
  const { credentials } = access;
  const proxy = proxyOf(url, access);
  const { tlsClientCertData: cert, tlsClientCertKey: key } = credentials;
  return {
    proxy,
    tls: {
      rejectUnauthorized: credentials.insecure !== true,
      ...trustOf(access, own),
      ...(own && cert && key ? { cert, key } : {}),
    },
  };
}

function open(
  { proxy, tls: { ca, ...rest } }: ConnectionOptions,
  allowed: PrivateHosts,
  silenceMs: number,
): Dispatcher {
  const tls = { ...rest, ...(ca === undefined ? {} : { ca: [...ca] }) };
  const common = { headersTimeout: silenceMs, bodyTimeout: silenceMs, keepAliveTimeout: 10_000 };
  if (proxy === undefined) {
    return new Agent({
      ...common,
      connect: { ...tls, lookup: guardedLookup(allowed), timeout: connectTimeoutMs },
    });
  }
  const address = new URL(proxyAddress(proxy));
  const token = authorizationIn(address);
  address.username = '';
  address.password = '';
  return new ProxyAgent({
    ...common,
    uri: address.href,
    proxyTls: { lookup: guardedLookup(anyPrivate) },
    ...(token === undefined ? {} : { token }),
    requestTls: { ...tls, timeout: connectTimeoutMs },
  });
}
