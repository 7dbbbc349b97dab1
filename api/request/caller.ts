import type { HttpBindings } from '@hono/node-server';
import type { ApiContext } from '../context.ts';
import { clientAddress, countedAs } from './client-address.ts';

/** The address that a request comes from; empty in a process that serves none. */
export function addressOf(c: ApiContext): string {
  // In a process without a server there is no connection.
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  const peer = incoming?.socket.remoteAddress ?? '';
  return clientAddress(peer, c.req.header('x-forwarded-for'), c.var.deps.config.trustedProxies);
}

/** The same as it is counted: whoever has an IPv6 address has all of its /64. */
export function callerOf(c: ApiContext): string {
  return countedAs(addressOf(c));
}
