import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { HttpBindings } from '@hono/node-server';
import type { MiddlewareHandler } from 'hono';
import { maxUploadBytes } from '../application/uploaded-files.ts';
import type { ApiContext, ApiEnv } from '../context.ts';
import { callerOf } from '../request/caller.ts';
import { type BodyRoom, createBodyRoom, type Sender } from './body-room.ts';
import { type BodyLimit, readBody, tooLong } from './read-body.ts';

/** Larger than any sane Application. */
const maxBodyBytes = 10 * 1024 * 1024;
/** A name and a password. */
const maxLoginBytes = 4 * 1024;

const limits = {
  login: { bytes: maxLoginBytes, milliseconds: 5_000 },
  any: { bytes: maxBodyBytes, milliseconds: 60_000 },
  upload: { bytes: maxUploadBytes, milliseconds: 120_000 },
} as const satisfies Record<string, BodyLimit>;
const webhookMilliseconds = 20_000;

/** No body of a request may take longer than this. */
export const longestBodyMilliseconds: number = limits.upload.milliseconds;

/**
 * Reads the bodies of requests, after their headers were judged: who may not ask is answered before. The body of a
 * webhook is left to its route, which judges more headers first.
 */
export function bodyGate(room: BodyRoom = createBodyRoom()): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
    const { sender, limit } = limitOf(c);
    refuseTold(c, limit);
    let leave: (() => void) | undefined;
    let read: Promise<Buffer> | undefined;
    const body = (): Promise<Buffer> => {
      read ??= streamed(c, limit, sender, room).then((got) => {
        leave = got?.leave;
        return got?.body ?? Buffer.alloc(0);
      });
      return read;
    };
    c.set('body', body);
    try {
      if (sender !== 'webhook') {
        const text = Promise.resolve(new TextDecoder().decode(await body()));
        Object.assign(c.req.bodyCache, { text });
      }
      await next();
    } finally {
      leave?.();
    }
  };
}

function limitOf(c: ApiContext): { sender: Sender; limit: BodyLimit } {
  const { config, settings } = c.var.deps;
  if (c.req.path === '/api/webhook') {
    const bytes = settings.current().webhookMaxBytes ?? config.webhookMaxBytes;
    return { sender: 'webhook', limit: { bytes, milliseconds: webhookMilliseconds } };
  }
  if (c.var.subject === undefined || c.req.path === '/api/v1/session')
    return { sender: 'login', limit: limits.login };
  const bringsFiles = /^\/api\/v1\/applications\/(manifestsWithFiles|[^/]+\/managed-resources)$/.test(
    c.req.path,
  );
  return { sender: 'subject', limit: bringsFiles ? limits.upload : limits.any };
}

/** A body that says how long it is isn't begun when that is too long. */
function refuseTold(c: ApiContext, { bytes }: BodyLimit): void {
  if (Number(c.req.header('content-length') ?? 0) > bytes) throw tooLong(bytes);
}

async function streamed(c: ApiContext, limit: BodyLimit, sender: Sender, room: BodyRoom) {
  const stream = streamOf(c);
  return stream === undefined
    ? undefined
    : readBody(room, { ...limit, stream, sender, address: callerOf(c) });
}

/** Of a server's request the socket's own stream: the web's, made of it, costs as much to open as it does to read. */
function streamOf(c: ApiContext): Readable | undefined {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  if (incoming !== undefined) return incoming instanceof Readable ? incoming : undefined;
  const { body } = c.req.raw;
  return body === null ? undefined : Readable.fromWeb(body as ReadableStream);
}
