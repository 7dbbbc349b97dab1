import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { formatJson, parseJson } from '../../../core/object/json/json.ts';
import { readBounded } from '../../../platform/bounded-bytes.ts';
import { type ConnectionSetting, proofsOf, ruleOf } from '../access/connection.ts';
import type { Remote } from '../access/remote.ts';
import type { LfsServer } from './server.ts';
import { createUpstream, type LfsUpstream } from './upstream.ts';

/** The one server that git-lfs talks to in a run; what it is told to fetch elsewhere comes through it too. */
export type LfsGate = {
  /** On loopback, with a word in it that other programs of the machine don't know. */
  readonly url: string;
  /** Why files did not come, in words that git-lfs itself can't have. */
  failures(): readonly string[];
  close(): Promise<void>;
};

/** Ten thousand objects in one question or answer are some two MB. */
const mostBytes = 32 * 1024 * 1024;
const lfsType = 'application/vnd.git-lfs+json';

const Action = z.looseObject({
  href: z.string(),
  header: z.record(z.string(), z.string()).nullish(),
});
type Action = z.output<typeof Action>;
const Batch = z.looseObject({
  objects: z.array(
    z.looseObject({ oid: z.string(), actions: z.looseObject({ download: Action.optional() }).nullish() }),
  ),
});

/**
 * Opens the gate of one run. git-lfs goes to loopback addresses past any proxy, wherever a file of the repository, an
 * answer or a redirect names one; here it learns no address but the gate's, and everything else is reached by the way
 * out, which judges it.
 */
export async function openLfsGate(
  setting: ConnectionSetting,
  remote: Remote,
  server: LfsServer,
): Promise<LfsGate> {
  const proofs = await proofsOf(setting, remote);
  const way = await setting.wayOut.open(ruleOf(setting, remote));
  const upstream = createUpstream(way, remote, proofs);
  const word = randomBytes(18).toString('base64url');
  const downloads = new Map<string, Action>();
  const failures = new Set<string>();
  const ending = new AbortController();

  const base = (): string => `http://127.0.0.1:${(listener.address() as AddressInfo).port}/${word}`;
  const answer = async (request: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const [, given, what, oid = ''] = (request.url ?? '').split('/');
    const action = downloads.get(oid);
    if (given === word && request.method === 'POST' && what === 'objects') {
      await answerBatch(upstream, server, request, reply, ending.signal, (named) => {
        if (named.action !== undefined) downloads.set(named.oid, named.action);
        return `${base()}/files/${named.oid}`;
      });
    } else if (given === word && request.method === 'GET' && what === 'files' && action !== undefined) {
      await answerFile(upstream, action, reply, ending.signal);
    } else refuse(reply, 404, 'the gate of this run has nothing there');
  };
  const listener = createServer((request, reply) => {
    answer(request, reply).catch((cause: unknown) => {
      const words = cause instanceof Error ? cause.message : 'not reachable';
      // The way out has said why it refused; git-lfs would try again what anything but this status means.
      for (const sentence of way.failures()) failures.add(sentence);
      if (way.failures().length === 0) failures.add(`failed to connect to the LFS server: ${words}`);
      refuse(reply, 403, [...failures].join('; '));
    });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });
  listener.unref();
  return {
    url: base(),
    failures: () => [...failures],
    close: async () => {
      ending.abort();
      listener.close();
      listener.closeAllConnections();
      way.close();
      await upstream.close();
    },
  };
}

type Named = { readonly oid: string; readonly action: Action | undefined };

/** Passes a question about files on, and puts the gate's addresses in the place of those in the answer. */
async function answerBatch(
  upstream: LfsUpstream,
  server: LfsServer,
  request: IncomingMessage,
  reply: ServerResponse,
  signal: AbortSignal,
  addressOf: (named: Named) => string,
): Promise<void> {
  const url = new URL(server.url);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/objects/batch`;
  const headers = { ...lowerCase(server.headers), accept: lfsType, 'content-type': lfsType };
  const body = await readAll(request);
  const answered = await upstream.ask({ url, method: 'POST', headers, body }, signal);
  const text = (await readAll(answered.body)).toString('utf8');
  if (answered.statusCode !== 200)
    return refuse(reply, answered.statusCode, saidIn(text, answered.statusCode));
  const objects = readBatch(text).objects.map(({ actions, ...object }) => {
    const action = actions?.download;
    if (action === undefined) return object;
    const href = addressOf({ oid: object.oid, action });
    return { ...object, authenticated: true, actions: { download: { href } } };
  });
  reply.writeHead(200, { 'content-type': lfsType });
  reply.end(formatJson({ transfer: 'basic', objects }));
}

function readBatch(text: string): z.output<typeof Batch> {
  try {
    return Batch.parse(parseJson(text));
  } catch {
    // The parser would quote the answer, which lends tokens.
    throw new Error('it answered with something that is no list of files');
  }
}

async function answerFile(
  upstream: LfsUpstream,
  { href, header }: Action,
  reply: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const question = { url: new URL(href), method: 'GET' as const, headers: lowerCase(header ?? {}) };
  const { statusCode, headers, body } = await upstream.ask(question, signal);
  if (statusCode !== 200) {
    await body.dump();
    return refuse(reply, statusCode, `error: ${statusCode}`);
  }
  const length = headers['content-length'];
  reply.writeHead(200, typeof length === 'string' ? { 'content-length': length } : {});
  await pipeline(body, reply);
}

/** A 401 would make git-lfs ask for credentials, and it has none: those of the repository were sent. */
function refuse(reply: ServerResponse, status: number, message: string): void {
  if (reply.headersSent) return void reply.destroy();
  reply.writeHead(status === 401 || status < 400 ? 403 : status, { 'content-type': lfsType });
  reply.end(formatJson({ message }));
}

function saidIn(text: string, status: number): string {
  const words = status === 401 ? 'authentication failed' : `error: ${status}`;
  try {
    const { message } = z.object({ message: z.string() }).parse(parseJson(text));
    return `${words}: ${message.slice(0, 300)}`;
  } catch {
    // Another program than an LFS server answers in its own words, and often in pages of them.
    return words;
  }
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function readAll(body: AsyncIterable<Buffer>): Promise<Buffer> {
  return readBounded(body, mostBytes, () => new Error(`more than ${mostBytes} bytes at once`));
}
