import { lookup } from 'node:dns/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, isIP, Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type PrivateHosts, refusedAddress } from './addresses.ts';
import { quote } from './command.ts';
import type { Programs } from './programs.ts';

/** Inside a sandbox, whose loopback is its own, the port is always free. */
const port = 3128;
const proxyUrl = `http://127.0.0.1:${port}`;

/** Variables that lead the programs of a sandbox to the proxy; curl reads small letters, Go both. */
export const proxyVariables: Readonly<Record<string, string>> = Object.fromEntries(
  ['http_proxy', 'https_proxy', 'all_proxy'].flatMap((name) => [
    [name, proxyUrl],
    [name.toUpperCase(), proxyUrl],
  ]),
);

/** Listens in the sandbox's network, sends the socket to the worker and ends. */
const listener = `
const server = require('node:net').createServer({ pauseOnConnect: true });
server.listen(${port}, '127.0.0.1', () => process.send('listening', server, () => process.exit()));`;

/** Lines of the sandbox's script that hand a listening socket of its network to the worker. */
export function egressLines(programs: Programs, ip: string): string[] {
  return [
    `${ip} link set lo up`,
    [
      programs.env,
      '-i',
      '"NODE_CHANNEL_FD=$NODE_CHANNEL_FD"',
      quote(process.execPath),
      '--eval',
      quote(listener),
      '</dev/null',
    ].join(' '),
    'unset NODE_CHANNEL_FD NODE_CHANNEL_SERIALIZATION_MODE',
  ];
}

/** The way out of one sandbox: a proxy in the worker that decides by the address it connects to. */
export type Egress = {
  /** Takes the listening socket that the sandbox sent. */
  serve(handle: unknown): void;
  /** Sentences about connections that did not come about. */
  refusals(): readonly string[];
  close(): void;
};

/** Finds the address of a name. */
type Resolve = (host: string) => Promise<{ readonly address: string }>;

/** A proxy for one run; `known` are the hosts with private addresses that it may reach. */
export function createEgress(known: PrivateHosts, resolve: Resolve = (host) => lookup(host)): Egress {
  const refused = new Set<string>();
  const sockets = new Set<Duplex>();
  const track = <One extends Duplex>(socket: One): One => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Either side may go away at any time; the other one is ended with it, and the program says what it missed.
    socket.on('error', () => socket.destroy());
    return socket;
  };
  /** The checked address itself is connected to: a second look-up could answer with another one. */
  const addressFor = async (host: string): Promise<string> => {
    const address = isIP(host) === 0 ? await addressOf(host) : host;
    const reason = refusedAddress(host, address, known);
    if (reason === undefined) return address;
    const said = `${host}${host === address ? '' : ` (${address})`} is ${reason}`;
    refused.add(said);
    throw new RangeError(said);
  };

  const addressOf = async (host: string): Promise<string> => {
    try {
      return (await resolve(host)).address;
    } catch (cause) {
      refused.add(`${host} has no address that the worker finds`);
      throw cause;
    }
  };

  const tunnel = async (target: string, client: Duplex, first: Buffer): Promise<void> => {
    const { hostname, port: wanted } = new URL(`tcp://${target}`);
    const upstream: Socket = track(
      connect({ host: await addressFor(bare(hostname)), port: Number(wanted || 443) }),
    );
    upstream.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(first);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.once('close', () => client.destroy());
    client.once('close', () => upstream.destroy());
  };

  const forward = async (incoming: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? '');
    if (url.protocol !== 'http:') throw new TypeError('only http addresses are forwarded');
    const { 'proxy-connection': _, 'proxy-authorization': __, ...headers } = incoming.headers;
    const outgoing = request({
      host: await addressFor(bare(url.hostname)),
      port: Number(url.port || 80),
      path: `${url.pathname}${url.search}`,
      method: incoming.method,
      headers,
      agent: false,
    });
    outgoing.once('socket', track);
    outgoing.once('error', () => reply.destroy());
    outgoing.once('response', (answer) => {
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(reply);
    });
    incoming.pipe(outgoing);
  };

  const proxy = createServer((incoming, reply) => {
    forward(incoming, reply).catch((cause: unknown) => {
      reply.writeHead(statusOf(cause), { 'content-type': 'text/plain' });
      reply.end(wordsOf(cause));
    });
  });
  proxy.on('connection', track);
  proxy.on('connect', (incoming, client, first) => {
    tunnel(incoming.url ?? '', client, first).catch((cause: unknown) => {
      client.end(`HTTP/1.1 ${statusOf(cause)} Refused\r\ncontent-length: 0\r\n\r\n`);
    });
  });
  return {
    serve: (handle) => {
      if (handle instanceof Server) proxy.listen(handle);
    },
    refusals: () => [...refused],
    close: () => {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function statusOf(cause: unknown): number {
  return cause instanceof RangeError ? 403 : 502;
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'not reachable';
}
