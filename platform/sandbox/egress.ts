import { Server } from 'node:net';
import { quoted } from '../../core/text/shell-word.ts';
import type { PrivateHosts } from '../way-out/addresses.ts';
import type { Route } from '../way-out/dial.ts';
import { type Resolve, resolveHost } from '../way-out/lookup.ts';
import { createGuardProxy } from '../way-out/proxy.ts';
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
      quoted(process.execPath),
      '--eval',
      quoted(listener),
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

/** A proxy for one run; `known` are the hosts with private addresses that it may reach. */
export function createEgress(known: PrivateHosts, resolve: Resolve = resolveHost): Egress {
  const refused = new Set<string>();
  const route: Route = { known, resolve, onFailure: (sentence) => refused.add(sentence) };
  const proxy = createGuardProxy(() => route);
  return {
    serve: (handle) => {
      if (handle instanceof Server) proxy.server.listen(handle);
    },
    refusals: () => [...refused],
    close: () => proxy.close(),
  };
}
