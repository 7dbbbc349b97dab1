import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessTo, type RepositoryAccess } from '../../core/repository/access.ts';
import { createAuthority } from '../../local/kubernetes/authority.ts';
import { createHttp, type HttpRequest } from './http.ts';

const authority = createAuthority();
const own = authority.issue({
  subject: { name: 'charts' },
  use: 'server',
  hosts: ['localhost', '127.0.0.1'],
});

describe('activities/remote/http', () => {
  const servers: Server[] = [];
  let plain = '';
  let secure = '';

  async function listen(server: Server): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  beforeAll(async () => {
    plain = `http://localhost:${await listen(createServer((_, reply) => reply.end('plain')))}`;
    const answer: RequestListener = (request, reply) => {
      if (request.url === '/down') reply.writeHead(302, { location: `${plain}/index.yaml` }).end();
      else if (request.url === '/stay') reply.writeHead(302, { location: '/index.yaml' }).end();
      else reply.end('secure');
    };
    const tls = { key: own.keyPem, cert: own.certificatePem };
    secure = `https://localhost:${await listen(createSecureServer(tls, answer))}`;
  });

  afterAll(async () => {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  });

  const asking = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
    url: new URL(url),
    access: { ...accessTo(url), caBundle: authority.certificatePem },
    what: 'index.yaml',
    own: true,
    maxBytes: 1000,
    ...more,
  });

  const named = (url: string): RepositoryAccess => ({ ...accessTo(url), fromSource: true });

  it('judges each request by its own rule, whatever connections are open', async () => {
    const http = createHttp();
    const url = `${plain}/values.yaml`;
    expect((await http.read(asking(url))).body.toString()).toBe('plain');
    // The registered repository's connection must not carry a source's request into the private network.
    await expect(http.read(asking(url, { access: named(url) }))).rejects.toThrow('a private address');
    expect((await http.read(asking(url))).body.toString()).toBe('plain');
    await http.close();
  });

  it('lets a listed host through for sources too', async () => {
    const http = createHttp(['localhost']);
    const reply = await http.read(asking(`${plain}/values.yaml`, { access: named(plain) }));
    expect(reply.body.toString()).toBe('plain');
    await http.close();
  });

  it('follows no redirect from https to http', async () => {
    const http = createHttp();
    expect((await http.read(asking(`${secure}/stay`))).body.toString()).toBe('secure');
    await expect(http.read(asking(`${secure}/down`))).rejects.toThrow(
      'index.yaml is redirected from https to http',
    );
    await http.close();
  });
});
