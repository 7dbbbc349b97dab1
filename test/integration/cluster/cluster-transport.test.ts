import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerResponse,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterCredentials } from '../../../cluster/request/credentials.ts';
import {
  createTransport,
  type Transport,
  type TransportOptions,
} from '../../../cluster/request/transport.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { createAuthority } from '../../../local/kubernetes/authority.ts';
import { pollUntil } from '../../../local/poll.ts';

type Response = Http2ServerResponse | ServerResponse;

/** The parts that requests of both protocol versions have; HTTP/2 ones have a stream. */
type Request = {
  readonly url?: string | undefined;
  readonly httpVersion: string;
  readonly headers: IncomingHttpHeaders;
  readonly stream?: ServerHttp2Stream;
};

const authority = createAuthority();
const pair = authority.issue({ subject: { name: 'server' }, use: 'server', hosts: ['127.0.0.1'] });
const folder = mkdtempSync(join(tmpdir(), 'keelson-transport-'));

let server: Http2SecureServer;
let sessions: Set<ServerHttp2Session>;
let sockets: Set<Socket>;
let opened: number;
let answer: (request: Request, response: Response) => void;
let transports: Transport[];

beforeAll(async () => {
  server = createSecureServer({ key: pair.keyPem, cert: pair.certificatePem, allowHTTP1: true });
  server.on('session', (session) => {
    opened++;
    sessions.add(session);
    session.on('error', () => {});
    session.on('close', () => sessions.delete(session));
  });
  server.on('sessionError', () => {});
  server.on('secureConnection', (socket) => sockets.add(socket));
  server.on('request', (request, response) => {
    response.on('error', () => {});
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  sessions = new Set();
  sockets = new Set();
  opened = 0;
  transports = [];
  answer = (_, response) => reply(response, 200, 'ok');
});

afterEach(async () => {
  await Promise.all(transports.map((transport) => transport.close()));
  for (const session of sessions) session.destroy();
});

function reply(response: Response, status: number, text: string, headers: Record<string, string> = {}): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.statusCode = status;
  response.end(text);
}

/** A reply that goes on; streams are tested over HTTP/2 alone. */
function begin(response: Response, text: string): void {
  if (!('stream' in response)) return;
  response.stream.respond({ ':status': 200 });
  response.stream.write(text);
}

function open(change: Partial<ClusterCredentials> = {}, options: TransportOptions = {}): Transport {
  const base = {
    name: 'test',
    server: addressOf(server),
    tls: { caData: authority.certificatePem },
  };
  const transport = createTransport({ ...base, ...change }, options);
  transports.push(transport);
  return transport;
}

function addressOf(listening: Server): string {
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return `https://127.0.0.1:${address.port}`;
}

const read = { method: 'GET', path: '/x', idempotent: true } as const;
const write = { method: 'POST', path: '/x', body: '{}', idempotent: false } as const;

describe('cluster/transport', () => {
  it('sends many requests at once over one HTTP/2 connection', async () => {
    const waiting: Response[] = [];
    answer = (request, response) => {
      expect(request.httpVersion).toBe('2.0');
      waiting.push(response);
      if (waiting.length === 60) for (const each of waiting) reply(each, 200, 'ok');
    };
    const transport = open();
    const replies = await Promise.all(Array.from({ length: 60 }, () => transport.send(read)));
    expect(replies.every((each) => each.status === 200 && each.text === 'ok')).toBe(true);
    expect(opened).toBe(1);
  });

  it('keeps to its limit of requests at once, streams apart', async () => {
    let now = 0;
    let most = 0;
    answer = (request, response) => {
      if (request.url === '/stream') {
        begin(response, 'begun\n');
        return;
      }
      now++;
      most = Math.max(most, now);
      setTimeout(() => {
        now--;
        reply(response, 200, 'ok');
      }, 5);
    };
    const transport = open({}, { maxConcurrentRequests: 3 });
    const streams = await Promise.all(
      Array.from({ length: 5 }, () => transport.open({ ...read, path: '/stream' })),
    );
    await Promise.all(Array.from({ length: 30 }, () => transport.send(read)));
    expect(most).toBe(3);
    expect(streams.map((stream) => stream.status)).toEqual([200, 200, 200, 200, 200]);
    for (const stream of streams) stream.body.destroy();
  });

  it('falls back to HTTP/1.1 where the server offers nothing else', async () => {
    const old = createServer({ key: pair.keyPem, cert: pair.certificatePem });
    const versions: string[] = [];
    old.on('request', (request, response) => {
      versions.push(request.httpVersion);
      reply(response, 200, 'old');
    });
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    const transport = open({ server: addressOf(old) });
    expect(await transport.send(read)).toMatchObject({ status: 200, text: 'old' });
    expect(versions).toEqual(['1.1']);
    await transport.close();
    old.close();
  });

  it('sends the path below the server address', async () => {
    const paths: (string | undefined)[] = [];
    answer = (request, response) => {
      paths.push(request.url);
      reply(response, 200, 'ok');
    };
    await open({ server: `${addressOf(server)}/k8s/clusters/c1/` }).send(read);
    expect(paths).toEqual(['/k8s/clusters/c1/x']);
  });

  it.each([
    ['a read', read],
    ['a creation', write],
  ])('repeats %s that the server had no time for, not before it asked to', async (_, request) => {
    const times: number[] = [];
    answer = (_request, response) => {
      times.push(performance.now());
      if (times.length === 1) return reply(response, 429, 'busy', { 'retry-after': '1' });
      reply(response, 200, 'ok');
    };
    expect(await open().send(request)).toMatchObject({ status: 200 });
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it('gives a lasting refusal back after some attempts', async () => {
    let attempts = 0;
    answer = (_, response) => {
      attempts++;
      reply(response, 503, 'down');
    };
    expect(await open().send(read)).toMatchObject({ status: 503, text: 'down' });
    expect(attempts).toBe(4);
    expect(await open().send(write)).toMatchObject({ status: 503 });
    expect(attempts).toBe(5);
  });

  it('repeats a read whose connection broke, and a creation never', async () => {
    let attempts = 0;
    answer = (request, response) => {
      attempts++;
      if (attempts % 2 === 1) return request.stream?.session?.destroy();
      reply(response, 200, 'ok');
    };
    expect(await open().send(read)).toMatchObject({ status: 200 });
    expect(attempts).toBe(2);
    await expect(open().send(write)).rejects.toMatchObject({ code: 'cluster-unreachable', retryable: true });
    expect(attempts).toBe(3);
  });

  it('moves to a new connection when the server says goodbye to the old one', async () => {
    const transport = open();
    await transport.send(read);
    for (const session of sessions) session.close();
    await pollUntil('the goodbye', 5, () => Promise.resolve(sessions.size === 0));
    expect(await transport.send(write)).toMatchObject({ status: 200 });
    expect(opened).toBe(2);
  });

  it('gives up on a server that does not answer', async () => {
    answer = () => {};
    const silent = open({}, { requestTimeoutMs: 1000 });
    await expect(silent.send(read)).rejects.toMatchObject({ code: 'timeout', retryable: true });
  });

  it('survives the break of a connection on which a reply came too late for its request', async () => {
    const transport = open();
    const first = await transport.open(read);
    await first.body.dump();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    answer = (_, response) => {
      begin(response, 'too late\n');
      resolve();
    };
    const given = new AbortController();
    const aborted = expect(transport.open({ ...read, signal: given.signal })).rejects.toThrow('given up');
    // After the request is queued and before it is on the wire: then its reply comes all the same.
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    given.abort(new Error('given up'));
    await aborted;
    await late;
    await transport.open(read).then((stream) => stream.body.destroy());
    for (const socket of sockets) socket.destroy();
    await pollUntil('the break', 5, () => Promise.resolve(sessions.size === 0));
    answer = (_, response) => reply(response, 200, 'ok');
    expect(await transport.send(read)).toMatchObject({ status: 200 });
  });

  it('reads a rotated token file again when the server no longer accepts the token', async () => {
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'first\n');
    let accepted = 'Bearer first';
    answer = (request, response) =>
      reply(response, request.headers['authorization'] === accepted ? 200 : 401, 'seen');
    const transport = open({ tokenFile });
    expect(await transport.send(read)).toMatchObject({ status: 200 });
    writeFileSync(tokenFile, 'second\n');
    accepted = 'Bearer second';
    expect(await transport.send(read)).toMatchObject({ status: 200 });
    writeFileSync(tokenFile, 'third\n');
    accepted = 'Bearer third';
    const stream = await transport.open(read);
    await stream.body.dump();
    expect(stream.status).toBe(200);
  });

  it('logs in with what a credential command prints', async () => {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'printed' },
    };
    const script = `console.log(process.env.WORDS)`;
    const env = [{ name: 'WORDS', value: JSON.stringify(credential) }];
    answer = (request, response) => reply(response, 200, String(request.headers['authorization']));
    const transport = open({ exec: { command: process.execPath, args: ['-e', script], env } });
    expect(await transport.send(read)).toMatchObject({ text: 'Bearer printed' });
    const failing = open({ exec: { command: '/nonexistent/login' } });
    await expect(failing.send(read)).rejects.toMatchObject({
      code: 'unauthenticated',
      message: 'cluster test: command /nonexistent/login failed; run it by hand to see why',
    });
  });

  it('sends user and password, and the user it acts for', async () => {
    answer = (request, response) => {
      const { authorization, ...others } = request.headers;
      reply(
        response,
        200,
        JSON.stringify([authorization, others['impersonate-user'], others['impersonate-group']]),
      );
    };
    const transport = open({
      username: 'me',
      password: 'pass',
      impersonate: { user: 'you', groups: ['team'] },
    });
    const { text } = await transport.send(read);
    expect(JSON.parse(text)).toEqual([`Basic ${Buffer.from('me:pass').toString('base64')}`, 'you', 'team']);
  });

  it('refuses to send after it was closed', async () => {
    const transport = open();
    await transport.send(read);
    await transport.close();
    await expect(transport.send(read)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('answers what was sent before it was retired, refuses the rest and ends its streams with the reason', async () => {
    const held: Response[] = [];
    answer = (request, response) => {
      if (request.url === '/stream') begin(response, 'begun\n');
      else held.push(response);
    };
    const transport = open();
    const { body } = await transport.open({ ...read, path: '/stream' });
    const stream = (async () => {
      for await (const _ of body);
    })();
    stream.catch(() => {
      // Looked at below.
    });
    const under = transport.send(write);
    await pollUntil('the write has arrived', 10, async () => held.length === 1);

    const reason = new KeelsonError('unavailable', 'somebody else from now on', { retryable: true });
    transport.retire(reason);
    await expect(stream).rejects.toThrow();
    for (const request of [read, write]) await expect(transport.send(request)).rejects.toBe(reason);
    await expect(transport.open(read)).rejects.toBe(reason);
    for (const response of held) reply(response, 201, 'made');
    expect(await under).toMatchObject({ status: 201, text: 'made' });
    expect(held).toHaveLength(1);
  });
});
