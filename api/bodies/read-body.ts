import type { Readable } from 'node:stream';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { Refusal } from '../reply/problem.ts';
import type { BodyRefusal, BodyRoom, Sender } from './body-room.ts';

/** How long a body may be, and how long it may take. */
export type BodyLimit = { readonly bytes: number; readonly milliseconds: number };

/** A body to read. */
export type BodyRequest = BodyLimit & {
  readonly stream: Readable;
  readonly sender: Sender;
  readonly address: string;
};

const retrySeconds = 5;

const refusals: Readonly<Record<BodyRefusal, { readonly http: ContentfulStatusCode; readonly why: string }>> =
  {
    crowded: { http: 429, why: 'is given up for newer ones: too many are on their way; send it at once' },
    full: { http: 503, why: 'finds no room: too much is being sent at the moment; send it again' },
    slow: { http: 408, why: 'took too long; send it at once' },
  };

/**
 * Reads a body within its limits. It keeps its place in the room until `leave`: what is made of it lives as long as its
 * request.
 */
export async function readBody(
  room: BodyRoom,
  request: BodyRequest,
): Promise<{ readonly body: Buffer; leave(): void }> {
  const { stream } = request;
  const ended = Promise.withResolvers<void>();
  const refuse = (why: BodyRefusal): void => {
    const { http, why: words } = refusals[why];
    ended.reject(new Refusal(http, `request body ${words}`, retrySeconds));
  };
  const place = room.enter(request.sender, request.address, refuse);
  const chunks: Buffer[] = [];
  let length = 0;
  const onData = (chunk: Uint8Array): void => {
    length += chunk.length;
    if (length > request.bytes) {
      ended.reject(tooLong(request.bytes));
      return;
    }
    place.take(chunk.length);
    chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
  };
  const onEnd = (): void => ended.resolve();
  // Nobody is there any more to be told.
  const onGone = (): void => ended.reject(new Refusal(400, 'request body broke off; send it again'));
  const timer = setTimeout(() => refuse('slow'), request.milliseconds);
  stream.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  try {
    await ended.promise;
    place.arrived();
    return { body: Buffer.concat(chunks, length), leave: place.leave };
  } catch (error) {
    place.leave();
    throw error;
  } finally {
    clearTimeout(timer);
    stream.off('data', onData).off('end', onEnd).off('close', onGone);
    // What is left of it is the server's: it reads on for a moment, then it closes the connection.
    if (!stream.readableEnded) stream.pause();
  }
}

/** The refusal of a body that is longer than allowed. */
export function tooLong(bytes: number): Refusal {
  return new Refusal(413, `request body is larger than ${bytes} bytes`);
}
