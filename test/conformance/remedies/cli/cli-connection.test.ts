import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiClient } from '../../../../cli/server/client.ts';
import { readConfig, withLogin, writeConfig } from '../../../../cli/server/config-file.ts';
import { createAuthority, type KeyPair, openAuthority } from '../../../../local/kubernetes/authority.ts';
import { type Followed, followEach, problemsOf } from '../../../support/hostile/remedies.ts';
import { keelson } from '../../../support/keelson/run-cli.ts';

const authority = createAuthority();
const issuedAt = (years: number, host: string, use: 'client' | 'server' = 'server'): KeyPair => {
  const now = new Date();
  now.setFullYear(now.getFullYear() + years);
  return openAuthority(authority, now).issue({ subject: { name: host }, use, hosts: [host] });
};
const contextOf = ({ keyPem, certificatePem }: KeyPair) => ({ key: keyPem, cert: certificatePem });
const good = contextOf(issuedAt(0, '127.0.0.1'));

/** What a server does with a request. */
type Conduct = 'answer' | 'break off' | 'answer HTML' | 'answer in another form' | 'answer late';
let next: Conduct = 'answer';

function listen(create: (answer: Parameters<typeof createServer>[1]) => Server): Promise<Server> {
  const server = create((incoming, outgoing) => {
    const how = next;
    next = 'answer';
    if (how === 'break off') {
      incoming.socket.destroy();
    } else if (how === 'answer HTML') {
      outgoing.end('<html>');
    } else if (how === 'answer in another form') {
      outgoing.end('{"Version": 1}');
    } else if (how === 'answer') {
      outgoing.end(incoming.method === 'POST' ? '{"token": "t"}' : '{"Version": "v1.2.3"}');
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const plain = await listen((answer) => createServer(answer));
const tls = createTlsServer(good);
await listen((answer) => tls.on('request', answer ?? (() => {})));
const [plainPort, tlsPort] = [portOf(plain), portOf(tls)];
const closedServer = await listen((answer) => createServer(answer));
const closedPort = portOf(closedServer);
await new Promise((resolve) => closedServer.close(resolve));

let folder = '';
let trust: readonly string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-connection-'));
  const file = join(folder, 'authority.pem');
  await writeFile(file, authority.certificatePem);
  trust = ['--server-crt', file];
});
afterAll(async () => {
  for (const server of [plain, tls]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await rm(folder, { recursive: true });
});

type Attempt = {
  readonly server?: string;
  /** How the TLS server is set up. */
  readonly shows?: SecureContextOptions;
  readonly flags?: readonly string[];
  readonly trusts?: boolean;
  readonly does?: Conduct;
  /** Servers that are logged in to before. */
  readonly logins?: readonly string[];
  /** A server that the config knows as one without TLS. */
  readonly knows?: string;
};

/** What the command says when it asks a server for its version. */
async function problemsOfVersion(attempt: Attempt): Promise<string[]> {
  const { server, shows = good, flags = [], trusts = true, does = 'answer', logins = [], knows } = attempt;
  tls.setSecureContext(shows);
  const env = { KEELSON_CONFIG: join(folder, crypto.randomUUID()) };
  const words = trusts ? trust : [];
  if (knows !== undefined) {
    const login = { name: knows, server: knows, plaintext: true, insecure: false, token: 't' };
    await writeConfig(env.KEELSON_CONFIG, withLogin(await readConfig(env.KEELSON_CONFIG), login));
  }
  for (const login of logins) {
    await keelson(['login', login, '--skip-test-tls', '--username', 'a', '--password', 'b', ...words], {
      env,
    });
  }
  next = does;
  const named = server === undefined ? [] : ['--server', server];
  const run = await keelson(['version', ...named, ...words, ...flags], { env });
  return run.status === 0 ? [] : [run.stderr];
}

const encrypted = `https://127.0.0.1:${tlsPort}`;
const clear = `http://127.0.0.1:${plainPort}`;
const clearToTls = `http://127.0.0.1:${tlsPort}`;
const elsewhere = contextOf(issuedAt(0, 'localhost'));
const insecure: Attempt = { server: encrypted, flags: ['--insecure'] };

/** A fault of the certificate is mended as its words say, or passed over as all of them say. */
function certificateRows(says: string, shows: SecureContextOptions, helped: Attempt): Followed<Attempt>[] {
  return [
    [says, { server: encrypted, shows }, helped],
    ['or pass --insecure to skip the check', { server: encrypted, shows }, { ...insecure, shows }],
  ];
}

describe('a certificate that is not accepted', () => {
  followEach(problemsOfVersion, [
    ...certificateRows(
      'has a certificate that expired (CERT_HAS_EXPIRED); renew it on the host',
      contextOf(issuedAt(-20, '127.0.0.1')),
      { server: encrypted, shows: good },
    ),
    ...certificateRows(
      'is not valid yet (CERT_NOT_YET_VALID); check the clocks of the host and of this machine',
      contextOf(issuedAt(20, '127.0.0.1')),
      { server: encrypted, shows: good },
    ),
    ...[
      { server: `https://localhost:${tlsPort}`, shows: elsewhere },
      { server: encrypted, shows: good },
    ].flatMap((helped) =>
      certificateRows(
        'is for DNS:localhost and not for 127.0.0.1 (ERR_TLS_CERT_ALTNAME_INVALID); use an address with a name that it has, or renew it with this one',
        elsewhere,
        helped,
      ),
    ),
    ...certificateRows(
      'is not one for servers, or is revoked or damaged (INVALID_PURPOSE); have the host show another',
      contextOf(issuedAt(0, '127.0.0.1', 'client')),
      { server: encrypted, shows: good },
    ),
    [
      "is signed by an authority that is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE); pass its authority's certificates with --server-crt FILE",
      { server: encrypted, trusts: false },
      { server: encrypted },
    ],
    [
      'or pass --insecure to skip the check',
      { server: encrypted, trusts: false },
      { ...insecure, trusts: false },
    ],
  ]);
});

describe('a connection that fails', () => {
  followEach(problemsOfVersion, [
    [
      'does not speak TLS (ERR_SSL_WRONG_VERSION_NUMBER); pass --plaintext',
      { server: `127.0.0.1:${plainPort}` },
      { server: `127.0.0.1:${plainPort}`, flags: ['--plaintext'] },
    ],
    ...[
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0', ...good } as const,
      {},
    ].map(
      (shows): Followed<Attempt> => [
        'refuses the TLS handshake',
        { server: encrypted, shows },
        { server: encrypted, shows: good },
      ],
    ),
    [
      'have it speak TLS 1.2 or 1.3 and show a certificate',
      { server: encrypted, shows: {} },
      { server: encrypted, shows: { ...good, maxVersion: 'TLSv1.2' } },
    ],
    [
      'has a port that HTTP clients refuse to use (no answer); serve it on another one',
      { server: 'http://127.0.0.1:6000' },
      { server: clear },
    ],
    ...[{ server: clear }, { logins: [clear] }].map(
      (helped): Followed<Attempt> => [
        'refused the connection (ECONNREFUSED); check that it runs and that the address is right, or run keelson login SERVER for another one',
        { server: `http://127.0.0.1:${closedPort}` },
        helped,
      ],
    ),
    ['has an unknown host name', { server: 'http://keelson.invalid' }, { server: clear }],
    // Speaking in the clear was said by a flag, by the address, and by the config.
    ...[
      { server: `127.0.0.1:${tlsPort}`, flags: ['--plaintext'] },
      { server: clearToTls },
      { knows: `127.0.0.1:${tlsPort}` },
    ].map(
      (fault): Followed<Attempt> => [
        `if it speaks TLS, leave --plaintext out and write its address as ${encrypted}; else try again`,
        fault,
        { server: encrypted },
      ],
    ),
    ['; else try again', { server: clear, does: 'break off' }, { server: clear }],
    [
      "closed the connection (UND_ERR_SOCKET); try again, and see the server's log if it stays",
      { server: encrypted, does: 'break off' },
      { server: encrypted },
    ],
  ]);
});

describe('an answer that cannot be used', () => {
  followEach(problemsOfVersion, [
    [
      "with something that is not JSON; check that the address is a Keelson server's",
      { server: clear, does: 'answer HTML' },
      { server: encrypted },
    ],
    [
      "in an unknown form at Version; use a keelson command of the server's version",
      { server: clear, does: 'answer in another form' },
      { server: clear },
    ],
  ]);
  followEach(
    async (how: Conduct) => {
      next = how;
      const client = createApiClient({ server: clear, patienceSeconds: how === 'answer late' ? 0.2 : 60 });
      try {
        return await problemsOf(() => client.version());
      } finally {
        await client.close();
      }
    },
    [[`server ${clear} did not answer /api/version within 0.2 s; try again`, 'answer late', 'answer']],
  );
});

describe('a server that closes a connection which it has just answered on', () => {
  it('hears every request, since none goes out on an old connection', async () => {
    const answeredOn = new WeakSet<object>();
    const hasty = createServer(({ socket }, outgoing) => {
      if (answeredOn.has(socket)) return void socket.destroy();
      answeredOn.add(socket);
      outgoing.end('{"token": "t"}');
    });
    await new Promise<void>((resolve) => hasty.listen(0, '127.0.0.1', resolve));
    const client = createApiClient({ server: `http://127.0.0.1:${portOf(hasty)}` });
    try {
      for (const password of ['a', 'b', 'c']) expect(await client.account.login('admin', password)).toBe('t');
    } finally {
      await client.close();
      hasty.closeAllConnections();
      await new Promise((resolve) => hasty.close(resolve));
    }
  });
});
