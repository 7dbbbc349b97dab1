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
    const other = await listen(
      createServer(({ headers }, reply) => reply.end(headers.authorization ?? 'nobody')),
    );
    const led: Readonly<Record<string, string>> = {
      '/by-name': `http://localhost:${other}/`,
      '/by-address': `http://127.0.0.1:${other}/`,
      '/by-ipv6': `http://[::ffff:127.0.0.1]:${other}/`,
      '/metadata': 'http://169.254.169.254/latest',
      '/same': '/who',
    };
    const listener: RequestListener = ({ url = '', headers }, reply) => {
      const location = led[url];
      if (location !== undefined) reply.writeHead(302, { location }).end();
      else reply.end(url === '/who' ? (headers.authorization ?? 'nobody') : 'plain');
    };
    plain = `http://localhost:${await listen(createServer(listener))}`;
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

  // Trusts what the registered one trusts: whose request it is is all that tells their connections apart.
  const named = (url: string): RepositoryAccess => ({ ...asking(url).access, fromSource: true });

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

  it.each(['by-name', 'by-address', 'by-ipv6'])(
    'follows no redirect of a registered repository to another private place %s',
    async (way) => {
      const http = createHttp();
      await expect(http.read(asking(`${plain}/${way}`))).rejects.toThrow('a private address');
      await http.close();
    },
  );

  it('follows no redirect to a service of a cloud, whatever is listed', async () => {
    const http = createHttp(['0.0.0.0/0']);
    await expect(http.read(asking(`${plain}/metadata`))).rejects.toThrow(
      'an address of the machine or its cloud',
    );
    await http.close();
  });

  it('sends credentials along to the place that they are for, and to no other', async () => {
    const http = createHttp(['localhost']);
    const authorization = 'Bearer canary';
    expect((await http.read(asking(`${plain}/same`, { authorization }))).body.toString()).toBe(authorization);
    expect((await http.read(asking(`${plain}/by-name`, { authorization }))).body.toString()).toBe('nobody');
    await http.close();
  });

  it('asks no proxy for what may not be reached directly', async () => {
    const asked: string[] = [];
    const proxy = createServer((request, reply) => {
      asked.push(String(request.url));
      reply.end('proxied');
    });
    proxy.on('connect', (request, socket) => {
      asked.push(String(request.url));
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    const address = `http://localhost:${await listen(proxy)}`;
    const http = createHttp();
    for (const url of [
      'http://10.0.0.1/x',
      'http://169.254.169.254/x',
      'http://metadata.google.internal/x',
    ]) {
      const access: RepositoryAccess = { ...named(url), credentials: { proxy: address } };
      await expect(http.read(asking(url, { access })), url).rejects.toThrow(
        /a private address|an address of the machine/,
      );
    }
    expect(asked).toEqual([]);
    await http.close();
  });
});
