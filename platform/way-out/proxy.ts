import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { dial, dialFailure, proxyFailure, proxyOptions, type Route, requestOf } from './dial.ts';
import { guardedLookup, RefusedHost, refuseBeforeProxy, refuseWritten } from './lookup.ts';

/** A proxy for HTTP and CONNECT that decides by the address it connects to. */
export type GuardProxy = {
  readonly server: Server;
  /** Ends it with everything that goes through it. */
  close(): void;
};

/** A proxy whose requests go where their route says; one without a route is refused. */
export function createGuardProxy(routeOf: (request: IncomingMessage) => Route | undefined): GuardProxy {
  const sockets = new Set<Duplex>();
  const track = <One extends Duplex>(socket: One): One => {
    if (sockets.has(socket)) return socket;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Either side may go away at any time; the other one is ended with it, and the program says what it missed.
    socket.on('error', () => socket.destroy());
    return socket;
  };
  const tunnel = async (route: Route, target: string, client: Duplex, first: Buffer): Promise<void> => {
    const { hostname, port } = new URL(`tcp://${target}`);
    const [host, number] = [bare(hostname), Number(port || 443)];
    const upstream = track(await noted(route, host, number, () => dial(route, host, number, 'https')));
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    upstream.write(first);
    upstream.pipe(client).pipe(upstream);
    upstream.once('close', () => client.destroy());
    client.once('close', () => upstream.destroy());
    if (client.destroyed) upstream.destroy();
  };

  const forward = async (route: Route, incoming: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? '');
    if (url.protocol !== 'http:') throw new TypeError('only http addresses are forwarded');
    const [host, port] = [bare(url.hostname), Number(url.port || 80)];
    const outgoing = await noted(route, host, port, () => onward(route, url, incoming));
    outgoing.once('socket', track);
    outgoing.once('error', (cause: Error & { code?: string }) => {
      const proxy = route.proxyFor?.(url);
      route.onFailure(proxy === undefined ? dialFailure(cause, host, port) : proxyFailure(proxy, cause));
      if (reply.headersSent) reply.destroy();
      else reply.writeHead(statusOf(cause), { 'content-type': 'text/plain' }).end(wordsOf(cause));
    });
    outgoing.once('response', (answer) => {
      if (answer.statusCode === 407) route.onFailure('http code 407 from proxy: it asks for credentials');
      reply.writeHead(answer.statusCode === 407 ? 502 : (answer.statusCode ?? 502), answer.headers);
      answer.pipe(reply);
      answer.once('error', () => reply.destroy());
    });
    reply.once('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  };

  const server = createServer((incoming, reply) => {
    const route = routeOf(incoming);
    if (route === undefined) return void reply.writeHead(403, { 'content-length': 0 }).end();
    return void forward(route, incoming, reply).catch((cause: unknown) => {
      reply.writeHead(statusOf(cause), { 'content-type': 'text/plain' });
      reply.end(wordsOf(cause));
    });
  });
  // What a listing or a fetch may take is for its run to say.
  server.requestTimeout = 0;
  server.on('connection', track);
  server.on('connect', (incoming, client, first) => {
    track(client);
    const route = routeOf(incoming);
    const led =
      route === undefined
        ? Promise.reject(new RefusedHost('no route'))
        : tunnel(route, incoming.url ?? '', client, first);
    led.catch((cause: unknown) => {
      client.end(`HTTP/1.1 ${statusOf(cause)} Refused\r\ncontent-length: 0\r\n\r\n`);
    });
  });
  return {
    server,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A connection for each request: one that is kept may be closed by its server just when it is used again. */
async function onward(route: Route, url: URL, incoming: IncomingMessage): Promise<ClientRequest> {
  const { 'proxy-connection': _, 'proxy-authorization': __, ...headers } = incoming.headers;
  const [host, port] = [bare(url.hostname), Number(url.port || 80)];
  const { method } = incoming;
  const path = `${url.pathname}${url.search}`;
  const proxy = route.proxyFor?.(url);
  if (proxy === undefined) {
    refuseWritten(host, route.known, port);
    const lookup = guardedLookup(route.known, port, route.resolve);
    return request({ host, port, lookup, path, method, headers, agent: false });
  }
  await refuseBeforeProxy(host, route.known, port, route.resolve);
  if (proxy.protocol.startsWith('socks')) {
    const socket = await dial(route, host, port, 'http');
    return request({ host, port, path, method, headers, createConnection: () => socket });
  }
  const options = proxyOptions(proxy) as { headers: object };
  return requestOf(proxy)({
    ...options,
    path: url.href,
    method,
    headers: { ...headers, ...options.headers },
    agent: false,
  });
}

/** Lets the route hear why something fails before it is thrown on. */
async function noted<T>(route: Route, host: string, port: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    route.onFailure(dialFailure(cause, host, port));
    throw cause;
  }
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function statusOf(cause: unknown): number {
  return cause instanceof RefusedHost ? 403 : 502;
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'not reachable';
}
