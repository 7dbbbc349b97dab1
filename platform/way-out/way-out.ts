import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { basicAuthorization } from '../basic-authorization.ts';
import type { PrivateHosts } from './addresses.ts';
import { dial, dialFailure, type Route } from './dial.ts';
import { createGuardProxy, type GuardProxy } from './proxy.ts';

/** The way out of one run of a program. */
export type Way = {
  /** Why connections did not come about, in the order in which it happened. */
  failures(): readonly string[];
  close(): void;
};

/** What a run may reach, and through which proxy. */
export type WayRule = { readonly known: PrivateHosts } & Pick<Route, 'proxyFor'>;

/** The one way out of a worker for programs that open connections themselves. */
export type WayOut = {
  /** For HTTP: a proxy with a password of the run's own. */
  open(rule: WayRule): Promise<Way & { readonly proxy: string }>;
  /** For anything else: a port of loopback that leads to this one place. */
  forward(rule: WayRule, host: string, port: number): Promise<Way & { readonly port: number }>;
  close(): void;
};

/** Listens at the first use only, on one port for all runs of the process. */
export function createWayOut(): WayOut {
  const routes = new Map<string, Route>();
  let listening: Promise<{ proxy: GuardProxy; port: number }> | undefined;
  const listen = async (): Promise<{ proxy: GuardProxy; port: number }> => {
    const proxy = createGuardProxy(({ headers }) => routes.get(headers['proxy-authorization'] ?? ''));
    return { proxy, port: await listenOn(proxy.server) };
  };
  return {
    open: async (rule) => {
      listening ??= listen();
      const { port } = await listening;
      const password = randomBytes(18).toString('base64url');
      const key = basicAuthorization('run', password);
      const { route, failures } = routeOf(rule);
      routes.set(key, route);
      return {
        proxy: `http://run:${password}@127.0.0.1:${port}`,
        failures,
        close: () => routes.delete(key),
      };
    },
    forward: async (rule, host, port) => {
      const { route, failures } = routeOf(rule);
      const server = createServer((client) => {
        client.on('error', () => client.destroy());
        dial(route, host, port, 'ssh').then(
          (upstream) => {
            upstream.on('error', () => upstream.destroy());
            upstream.pipe(client).pipe(upstream);
            upstream.once('close', () => client.destroy());
            client.once('close', () => upstream.destroy());
            if (client.destroyed) upstream.destroy();
          },
          (cause: unknown) => {
            route.onFailure(dialFailure(cause, host, port));
            client.destroy();
          },
        );
      });
      return { port: await listenOn(server), failures, close: () => server.close() };
    },
    close: () => {
      void listening?.then(({ proxy }) => proxy.close());
      listening = undefined;
    },
  };
}

function routeOf(rule: WayRule): { route: Route; failures: () => readonly string[] } {
  const failures = new Set<string>();
  return {
    route: { ...rule, onFailure: (sentence) => failures.add(sentence) },
    failures: () => [...failures],
  };
}

async function listenOn(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // A worker that has nothing else to do may end.
  server.unref();
  return (server.address() as AddressInfo).port;
}
