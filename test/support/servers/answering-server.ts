import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A server on loopback that answers as a test says. */
export type AnsweringServer = {
  /** By its address; `as` is another name of the same machine. */
  url(as?: string): string;
  /** From now on it shows this certificate. */
  show(pair: { readonly key: string; readonly cert: string }): void;
  stop(): Promise<void>;
};

/** Starts a server on a free port, over TLS where it is given what that takes. */
export async function startAnswering(answer: RequestListener, tls?: ServerOptions): Promise<AnsweringServer> {
  const secure = tls === undefined ? undefined : createSecureServer(tls, answer);
  const server: Server = secure ?? createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (as = '127.0.0.1') => `${secure === undefined ? 'http' : 'https'}://${as}:${port}`,
    show: (pair) => secure?.setSecureContext(pair),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
