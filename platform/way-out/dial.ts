import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { SocksClient } from 'socks';
import { ownField } from '../../core/own-field.ts';
import { authorizationIn } from '../basic-authorization.ts';
import { anyPrivate, type PrivateHosts } from './addresses.ts';
import {
  guardedLookup,
  RefusedHost,
  type Resolve,
  refuseBeforeProxy,
  refuseWritten,
  resolveHost,
} from './lookup.ts';

/** Where connections may lead, and through which proxy. */
export type Route = {
  readonly known: PrivateHosts;
  /** The proxy for an address; undefined where it is reached directly. */
  readonly proxyFor?: ((url: URL) => URL | undefined) | undefined;
  readonly resolve?: Resolve;
  /** Hears in a sentence why a connection did not come about. */
  readonly onFailure: (sentence: string) => void;
};

const connectTimeoutMs = 15_000;

/** Connects to a host at an address that was checked, directly or through the route's proxy. */
export async function dial(route: Route, host: string, port: number, scheme: string): Promise<Socket> {
  const { known, resolve = resolveHost } = route;
  const proxy = route.proxyFor?.(new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`));
  if (proxy === undefined) return await direct(host, port, known, resolve);
  await refuseBeforeProxy(host, known, port, resolve);
  return proxy.protocol.startsWith('socks')
    ? await throughSocks(proxy, host, port)
    : await throughTunnel(proxy, host, port);
}

/** Why a connection did not come about, in words that tell the causes of Git's failures apart. */
export function dialFailure(cause: unknown, host: string, port: number): string {
  if (cause instanceof RefusedHost || cause instanceof ProxyFailure) return cause.message;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (/ENOTFOUND|EAI_AGAIN/.test(code)) return `could not resolve host: ${host}`;
  const why = cause instanceof Error && cause.message !== '' ? cause.message : code;
  return `failed to connect to ${host} port ${port}: ${why}`;
}

/** What a proxy on the way is to blame for. */
class ProxyFailure extends Error {}

async function direct(host: string, port: number, known: PrivateHosts, resolve: Resolve): Promise<Socket> {
  refuseWritten(host, known, port);
  const socket = connect({ host, port, lookup: guardedLookup(known, port, resolve), autoSelectFamily: true });
  return await new Promise((done, reject) => {
    const late = setTimeout(() => socket.destroy(new Error('connection timed out')), connectTimeoutMs);
    socket.once('connect', () => {
      clearTimeout(late);
      socket.off('error', reject);
      done(socket);
    });
    socket.once('error', reject);
    socket.once('close', () => clearTimeout(late));
  });
}

function portOf({ protocol, port }: URL): number {
  return Number(port) || (ownField({ 'https:': 443, 'http:': 80 }, protocol) ?? 1080);
}

function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** A connection to a host through a proxy that speaks HTTP; the proxy is given so long to make it. */
export async function throughTunnel(
  proxy: URL,
  host: string,
  port: number,
  timeout = connectTimeoutMs,
): Promise<Socket> {
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const options = { ...proxyOptions(proxy), method: 'CONNECT', path: target, agent: false, timeout };
  const asking = requestOf(proxy)(options);
  return await new Promise((done, reject) => {
    const blame = (sentence: string): void => reject(new ProxyFailure(sentence));
    asking.once('connect', (reply: IncomingMessage, socket: Socket, first: Buffer) => {
      socket.setTimeout(0);
      if (reply.statusCode === 200) {
        socket.unshift(first);
        return done(socket);
      }
      socket.destroy();
      return blame(`connect tunnel failed, response ${reply.statusCode} from the proxy ${proxy.host}`);
    });
    asking.once('response', (reply) => {
      reply.destroy();
      blame(`connect tunnel failed, response ${reply.statusCode} from the proxy ${proxy.host}`);
    });
    asking.once('timeout', () => asking.destroy(new Error('timed out')));
    asking.once('error', (cause) => blame(proxyFailure(proxy, cause)));
    asking.end();
  });
}

/** The program that asks a proxy: with TLS where the proxy itself is reached so. */
export function requestOf(proxy: URL): typeof httpRequest {
  return proxy.protocol === 'https:' ? httpsRequest : httpRequest;
}

/** How a proxy is reached, with its login; it is of administrators, so that it may be private. */
export function proxyOptions(proxy: URL): object {
  refuseWritten(bareHost(proxy), anyPrivate);
  const authorization = authorizationIn(proxy);
  return {
    host: bareHost(proxy),
    port: portOf(proxy),
    lookup: guardedLookup(anyPrivate),
    timeout: connectTimeoutMs,
    headers: authorization === undefined ? {} : { 'proxy-authorization': authorization },
  };
}

/** Why a proxy could not be asked. */
export function proxyFailure(proxy: URL, cause: Error & { code?: string }): string {
  if (/ENOTFOUND|EAI_AGAIN/.test(cause.code ?? '')) return `could not resolve proxy: ${proxy.hostname}`;
  return `proxy connect aborted: ${proxy.host} (${cause.code ?? cause.message})`;
}

async function throughSocks(proxy: URL, host: string, port: number): Promise<Socket> {
  const socket = await direct(bareHost(proxy), portOf(proxy), anyPrivate, resolveHost).catch(
    (cause: Error) => {
      throw new ProxyFailure(proxyFailure(proxy, cause));
    },
  );
  const options = {
    proxy: {
      host: bareHost(proxy),
      port: portOf(proxy),
      type: proxy.protocol.startsWith('socks4') ? (4 as const) : (5 as const),
      ...(proxy.username === ''
        ? {}
        : { userId: decodeURIComponent(proxy.username), password: decodeURIComponent(proxy.password) }),
    },
    command: 'connect' as const,
    destination: { host, port },
    existing_socket: socket,
    timeout: connectTimeoutMs,
  };
  try {
    return (await SocksClient.createConnection(options)).socket;
  } catch (cause) {
    // The library's error holds the options, and so the password.
    const why = cause instanceof Error ? cause.message : 'refused';
    throw new ProxyFailure(`proxy connect aborted: ${proxy.host} (${why})`);
  }
}
