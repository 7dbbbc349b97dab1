import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import { isExempt } from './no-proxy.ts';

/** Connections by what they are made with, so that one repository's certificate never serves another. */
export type Dispatchers = {
  /** `own` says whether the address is the repository's: only it gets the client certificate. */
  to(url: URL, access: RepositoryAccess, own: boolean): Dispatcher;
  close(): Promise<void>;
};

const maxKept = 64;
const connectTimeoutMs = 15_000;
/** A server that is silent for this long in the middle of an answer is given up. */
const silenceMs = 30_000;

/** Link-local addresses hold the metadata of cloud machines, with credentials, and never a repository. */
const refused = new BlockList();
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
refused.addAddress('fd00:ec2::254', 'ipv6');

/** An empty set of connections; the least recently used ones end when there are too many. */
export function createDispatchers(): Dispatchers {
  const kept = new Map<string, Dispatcher>();
  return {
    to(url, access, own) {
      const options = connectionOptions(url, access, own);
      const key = JSON.stringify(options);
      const dispatcher = kept.get(key) ?? open(options);
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

/** Whether an address is one that no source may be read from. */
export function isRefusedAddress(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  if (family === 0) return false;
  return refused.check(address, family === 6 ? 'ipv6' : 'ipv4');
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

function connectionOptions(url: URL, access: RepositoryAccess, own: boolean): ConnectionOptions {
  const { credentials, caBundle } = access;
  const proxy =
    credentials.proxy && !isExempt(url, credentials.noProxy ?? '') ? credentials.proxy : undefined;
  const { tlsClientCertData: cert, tlsClientCertKey: key } = credentials;
  return {
    proxy,
    tls: {
      rejectUnauthorized: credentials.insecure !== true,
      // The bundle speaks for the repository's host alone; elsewhere it only adds to what is trusted anyway.
      ...(caBundle ? { ca: own ? [caBundle] : [...rootCertificates, caBundle] } : {}),
      ...(own && cert && key ? { cert, key } : {}),
    },
  };
}

function open({ proxy, tls: { ca, ...rest } }: ConnectionOptions): Dispatcher {
  const tls = { ...rest, ...(ca === undefined ? {} : { ca: [...ca] }) };
  const common = { headersTimeout: silenceMs, bodyTimeout: silenceMs, keepAliveTimeout: 10_000 };
  if (proxy === undefined) {
    return new Agent({ ...common, connect: { ...tls, lookup: guardedLookup, timeout: connectTimeoutMs } });
  }
  const { uri, token } = proxyAddress(proxy);
  return new ProxyAgent({
    ...common,
    uri,
    ...(token === undefined ? {} : { token }),
    requestTls: { ...tls, timeout: connectTimeoutMs },
  });
}

function proxyAddress(text: string): { uri: string; token?: string } {
  const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  const user = decodeURIComponent(url.username);
  if (user === '') return { uri: url.href };
  const pair = `${user}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { uri: url.href, token: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Resolves names as usual, but not to addresses that no source may be read from. */
const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '', 0);
    const allowed = addresses.filter(({ address }) => !isRefusedAddress(address));
    const [first] = allowed;
    if (first === undefined) {
      const refusal = Object.assign(new Error(`${hostname} leads to a link-local address`), {
        code: 'EACCES',
      });
      return callback(refusal, '', 0);
    }
    if (options.all === true) return callback(null, allowed);
    return callback(null, first.address, first.family);
  });
};
