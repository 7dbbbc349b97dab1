import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttp, type Http, type HttpRequest } from '../../../../activities/remote/http.ts';
import { accessTo, type RepositoryCredentials } from '../../../../core/repository/access.ts';
import { createAuthority } from '../../../../local/kubernetes/authority.ts';
import { freePort } from '../../../../local/ports.ts';
import { followEach, problemsOf } from '../../../support/hostile/remedies.ts';
import { type AnsweringServer, startAnswering } from '../../../support/servers/answering-server.ts';
import {
  faultyCertificates,
  goodCertificates,
  type Shown,
  unfitCertificate,
} from '../../../support/servers/faulty-certificates.ts';
import { type HttpProxy, startHttpProxy } from '../../../support/servers/http-proxy.ts';
import { startOciRegistry } from '../../../support/servers/oci-registry.ts';

const { own, foreign } = goodCertificates;
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

let http: Http;
let plain: AnsweringServer;
let secure: AnsweringServer;
let proxy: HttpProxy;

beforeAll(async () => {
  http = createHttp(['127.0.0.0/8', '::1'], 300);
  plain = await startAnswering(({ url, headers }, reply) => {
    const [, first = '', rest = ''] = /^\/([a-z]+)\/?(.*)$/.exec(url ?? '') ?? [];
    if (first === 'status') reply.writeHead(Number(rest)).end();
    else if (first === 'login')
      reply.writeHead(headers.authorization === basic('bob', 'right') ? 200 : 401).end();
    else if (first === 'loop') reply.writeHead(302, { location: '/loop' }).end();
    else if (first === 'to') reply.writeHead(302, { location: decodeURIComponent(rest) }).end();
    else if (first !== 'silent') reply.end('file');
  });
  secure = await startAnswering(({ url }, reply) => {
    if (url === '/down') reply.writeHead(302, { location: `${plain.url()}/file` }).end();
    else reply.end('file');
  }, own);
  proxy = await startHttpProxy('pat', 'right');
});

afterAll(async () => {
  await http.close();
  await Promise.all([plain.stop(), secure.stop(), proxy.stop()]);
});

type Reading = {
  readonly credentials?: RepositoryCredentials | undefined;
  readonly bundle?: string | undefined;
};

async function read(
  url: string,
  { credentials, bundle }: Reading = {},
  more: Partial<HttpRequest> = {},
): Promise<void> {
  const access = { ...accessTo(url, credentials), ...(bundle === undefined ? {} : { caBundle: bundle }) };
  const login =
    credentials?.password === undefined ? undefined : basic(credentials.username ?? '', credentials.password);
  await http.read({
    ...{ url: new URL(url), access, what: 'index.yaml', authorization: login, own: true, maxBytes: 100 },
    ...more,
  });
}

const at = (path: string, reading?: Reading) => (): Promise<void> => read(`${plain.url()}${path}`, reading);
const through =
  (address: () => string, more: RepositoryCredentials = {}) =>
  (): Promise<void> =>
    read(`${plain.url()}/file`, { credentials: { proxy: address(), ...more } });
const bob = (password: string): Reading => ({ credentials: { username: 'bob', password } });

describe.concurrent('a file over HTTP', () => {
  followEach<() => Promise<void>>(problemsOf, [
    [
      'refused the configured credentials (401); renew them in the repository',
      at('/login', bob('old')),
      at('/login', bob('right')),
    ],
    ['none are configured; add them to the repository', at('/login'), at('/login', bob('right'))],
    ['index.yaml was not found (404); check the address', at('/status/404'), at('/file')],
    [
      'the server answered 400; check that the address is one of such a repository',
      at('/status/400'),
      at('/file'),
    ],
    [
      'cannot be resolved (DNS); check the spelling and the DNS of the workers',
      () => read('http://keelson.invalid/file'),
      at('/file'),
    ],
    [
      'check that it is up and reachable from the workers',
      async () => read(`http://127.0.0.1:${await freePort()}/file`),
      at('/file'),
    ],
    [
      'took too long to answer; it is tried again, check the network of the workers',
      at('/silent'),
      at('/file'),
    ],
    ['is redirected more than 10 times; use its real address', at('/loop'), at('/file')],
    [
      'has more than 3 bytes, which is the limit; make it smaller',
      () => read(`${plain.url()}/file`, {}, { maxBytes: 3 }),
      () => read(`${plain.url()}/status/200`, {}, { maxBytes: 3 }),
    ],
    [
      'ftp:// addresses cannot be read; use https://',
      at(`/to/${encodeURIComponent('ftp://127.0.0.1/file')}`),
      () => read(`${secure.url()}/file`, own),
    ],
    [
      'use an address that stays with https',
      () => read(`${secure.url()}/down`, own),
      () => read(`${secure.url()}/file`, own),
    ],
    [
      'does not speak TLS; correct the address, or set insecureOCIForceHttp for a registry without TLS',
      () => read(plain.url().replace('http', 'https')),
      at('/file'),
    ],
  ]);
});

describe('a server that gets well', () => {
  it.each([
    [403, 'access is forbidden (403); give the configured credentials read access'],
    [503, 'the server answered 503; it is tried again, look at the server if it stays'],
  ])('is read again after %d', async (status, says) => {
    let now = status;
    const server = await startAnswering((_, reply) => reply.writeHead(now).end());
    try {
      expect((await problemsOf(() => read(server.url()))).join()).toContain(says);
      now = 200;
      expect(await problemsOf(() => read(server.url()))).toEqual([]);
    } finally {
      await server.stop();
    }
  });
});

describe('a way through a proxy', () => {
  const right = (): string => `http://pat:right@${proxy.host}`;
  followEach<() => Promise<void>>(problemsOf, [
    [
      'asks for credentials (407); write the right ones into the proxy address',
      through(() => `http://${proxy.host}`),
      through(right),
    ],
    [
      'asks for credentials (407); write the right ones into the proxy address',
      through(() => `http://pat:old@${proxy.host}`),
      through(right),
    ],
    [
      'cannot be resolved (DNS); correct proxy of the repository',
      through(() => 'http://keelson.invalid:3128'),
      through(right),
    ],
  ]);

  it('is there, or is not gone', async () => {
    const [port, host] = [await freePort(), new URL(plain.url()).host];
    const gone = (): string => `127.0.0.1:${port}`;
    expect((await problemsOf(through(gone))).join()).toContain(
      `start it, correct proxy of the repository, or name ${host} in noProxy`,
    );
    expect(await problemsOf(through(gone, { noProxy: host }))).toEqual([]);
    expect(await problemsOf(through(right))).toEqual([]);
    const late = await startHttpProxy('pat', 'right', port);
    expect(await problemsOf(through(() => `http://pat:right@${gone()}`))).toEqual([]);
    await late.stop();
  });

  it('is allowed there, or gone round', async () => {
    const proxied = { proxy: `http://pat:right@${proxy.host}` };
    const tunnelled = (more = {}) =>
      read(`${secure.url()}/file`, { ...own, credentials: { ...proxied, ...more } });
    secure.show(own);
    proxy.forbid(true);
    expect((await problemsOf(tunnelled)).join()).toContain(
      '(403); allow it there, or name the host in noProxy',
    );
    expect(await problemsOf(() => tunnelled({ noProxy: '127.0.0.1' }))).toEqual([]);
    expect((await problemsOf(through(right))).join()).toContain(
      `give the configured credentials read access, or let the proxy ${proxy.host} lead there`,
    );
    proxy.forbid(false);
    expect(await problemsOf(tunnelled)).toEqual([]);
    expect(await problemsOf(through(right))).toEqual([]);
  });
});

describe('a server over TLS', () => {
  /** Whether a server that shows this is read, directly or through a proxy. */
  const readShown = async ({ bundle, as, ...pair }: Shown): Promise<string[]> => {
    secure.show(pair);
    // A connection of before would go on.
    await http.close();
    http = createHttp(['127.0.0.0/8', '::1'], 300);
    const url = `${secure.url(as)}/file`;
    const direct = await problemsOf(() => read(url, { bundle }));
    const proxied = await problemsOf(() =>
      read(url, { bundle, credentials: { proxy: `http://pat:right@${proxy.host}` } }),
    );
    expect(proxied).toEqual(direct);
    return direct;
  };
  followEach<Shown>(readShown, [...faultyCertificates, unfitCertificate]);

  it('that another one leads to is trusted with that one', async () => {
    const other = await startAnswering((_, reply) => reply.end('file'), foreign);
    secure.show(own);
    const leading = await startAnswering(
      (_, reply) => reply.writeHead(302, { location: other.url('localhost') }).end(),
      own,
    );
    try {
      expect((await problemsOf(() => read(leading.url(), own))).join()).toContain(
        'of localhost:' +
          new URL(other.url()).port +
          ' is signed by an authority that is not trusted; register the authority ' +
          'together with that of 127.0.0.1, which leads there: keelson cert add-tls 127.0.0.1 --from FILE --upsert',
      );
      expect(
        await problemsOf(() => read(leading.url(), { bundle: `${own.bundle}\n${foreign.bundle}` })),
      ).toEqual([]);
    } finally {
      await Promise.all([other.stop(), leading.stop()]);
    }
  });

  it('that wants to know who asks is shown a certificate', async () => {
    const clients = createAuthority();
    const { keyPem, certificatePem } = clients.issue({ subject: { name: 'keelson' }, use: 'client' });
    const tls = { ...own, clientAuthority: clients.certificatePem };
    const registry = await startOciRegistry({ tls });
    const ask = (credentials?: RepositoryCredentials): Promise<string[]> =>
      problemsOf(() => read(`https://${registry.host}/v2/`, { ...own, credentials }, { accepts: [401] }));
    try {
      expect((await ask()).join()).toContain(
        'asks for a TLS client certificate or refuses the one given; add another with its key',
      );
      expect(await ask({ tlsClientCertData: certificatePem, tlsClientCertKey: keyPem })).toEqual([]);
    } finally {
      await registry.stop();
    }
  });

  const advice =
    'let it offer TLS 1.2 or 1.3 with usual ciphers, or give the repository the TLS client certificate that it asks for';

  it('that is too old is made newer', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const server = await startAnswering((_, reply) => reply.end('file'), { ...own, ...old });
    try {
      expect((await problemsOf(() => read(server.url(), own))).join()).toContain(
        `(ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION tlsv1 alert protocol version); ${advice}`,
      );
    } finally {
      await server.stop();
    }
    secure.show(own);
    expect(await problemsOf(() => read(secure.url(), own))).toEqual([]);
  });

  it('that says no more than that it wants something else may want a certificate', async () => {
    const clients = createAuthority();
    const { keyPem, certificatePem } = clients.issue({ subject: { name: 'keelson' }, use: 'client' });
    const strict = { requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' } as const;
    const server = await startAnswering((_, reply) => reply.end('file'), {
      ...{ ...own, ...strict },
      ca: clients.certificatePem,
    });
    try {
      expect((await problemsOf(() => read(server.url(), own))).join()).toContain(advice);
      const credentials = { tlsClientCertData: certificatePem, tlsClientCertKey: keyPem };
      expect(await problemsOf(() => read(server.url(), { ...own, credentials }))).toEqual([]);
    } finally {
      await server.stop();
    }
  });
});
