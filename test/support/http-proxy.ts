import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** A forward proxy on loopback that tunnels, as the proxies of companies do for https. */
export type HttpProxy = {
  readonly host: string;
  /** Where clients asked to be led, in order; refused ones included. */
  readonly asked: string[];
  stop(): Promise<void>;
};

/** Starts a proxy that lets in who has this user and password. */
export async function startHttpProxy(user: string, password: string): Promise<HttpProxy> {
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const asked: string[] = [];
  // The server itself forgets a socket that became a tunnel.
  const tunnels = new Set<Duplex>();
  const server: Server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request, socket, head) => {
    asked.push(request.url ?? '');
    tunnels.add(socket);
    socket.on('error', () => undefined);
    if (request.headers['proxy-authorization'] !== expected) {
      return void socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="p"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      );
    }
    const target = new URL(`tcp://${request.url}`);
    const upstream = connect(Number(target.port), target.hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    host: `127.0.0.1:${address.port}`,
    asked,
    stop: async () => {
      for (const tunnel of tunnels) tunnel.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
