import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** A forward proxy on loopback that tunnels for https and passes requests on for http, as those of companies do. */
export type HttpProxy = {
  readonly host: string;
  /** Where clients asked to be led, in order; refused ones included. */
  readonly asked: string[];
  /** Leads nowhere any more, or again everywhere, as somebody who rules over it says. */
  forbid(forbidden: boolean): void;
  stop(): Promise<void>;
};

/**
 * Starts a proxy that lets in who has this user and password. Tunnels lead where they are asked for, or where `lead` says:
 * so a test can have hosts of public names.
 */
export async function startHttpProxy(
  user: string,
  password: string,
  port = 0,
  lead: (host: string) => string = (host) => host,
): Promise<HttpProxy> {
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const asked: string[] = [];
  let isForbidden = false;
  // The server itself forgets a socket that became a tunnel.
  const tunnels = new Set<Duplex>();
  const server: Server = createServer((incoming, response) => {
    const target = URL.parse(incoming.url ?? '');
    asked.push(target?.host ?? '');
    if (incoming.headers['proxy-authorization'] !== expected) {
      return void response.writeHead(407, { 'proxy-authenticate': 'Basic realm="p"' }).end();
    }
    if (isForbidden) return void response.writeHead(403).end();
    return target === null ? void response.writeHead(400).end() : passOn(target, incoming, response);
  });
  server.on('connect', (request, socket, head) => {
    asked.push(request.url ?? '');
    tunnels.add(socket);
    socket.on('error', () => undefined);
    if (request.headers['proxy-authorization'] !== expected) {
      return void socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="p"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      );
    }
    if (isForbidden) return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    const target = new URL(`tcp://${lead(request.url ?? '')}`);
    const upstream = connect(Number(target.port), target.hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    socket.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    host: `127.0.0.1:${address.port}`,
    asked,
    forbid: (forbidden) => {
      isForbidden = forbidden;
    },
    stop: async () => {
      for (const tunnel of tunnels) tunnel.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function passOn(target: URL, incoming: IncomingMessage, response: ServerResponse): void {
  const { 'proxy-authorization': _, ...headers } = incoming.headers;
  const onward = request(target, { method: incoming.method ?? 'GET', headers }, (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(response);
  });
  onward.on('error', () => response.writeHead(502).end());
  incoming.pipe(onward);
}
