import { formatJson } from '../../core/object/json/json.ts';
import { subjectOf } from '../auth/enforce.ts';
import type { LastingReply } from '../auth/lasting-replies.ts';
import type { ApiContext } from '../context.ts';
import { problemOf } from '../reply/problem.ts';
import type { Outbox } from './outbox.ts';

/** Silence after which something is sent, so that proxies don't cut the connection. */
const keepAliveMilliseconds = 15_000;
/** Where the messages of one stream come from. */
export type Frames = {
  /** The next message; `'idle'` when none came in time, `'end'` when none will. */
  next(milliseconds: number): Promise<{ readonly frame: string } | 'idle' | 'end'>;
  /** Called once, when the reader leaves or the stream ends. */
  close(): void;
};

/**
 * A reply that goes on: begun by `begin`, it ends with its reader, its messages, its login or its right, whichever is
 * first. The only way to make one: nothing that goes on is served past the end of the login that asked for it. `permit`
 * throws when the right is gone by which it was asked for; without it the messages themselves are judged one by one.
 */
export async function openStream(
  c: ApiContext,
  begin: () => Promise<Frames>,
  permit?: () => Promise<void>,
): Promise<Response> {
  const { token } = c.var;
  const place = c.var.lasting.enter({ token: token ?? '', subject: subjectOf(c), permit });
  try {
    return respond(c, await begin(), place);
  } catch (error) {
    place.leave();
    throw error;
  }
}

/** The messages of an outbox, as fast as the reader takes them. */
export function outboxFrames(outbox: Outbox, onClose: () => void): Frames {
  return {
    next: outbox.next,
    close() {
      outbox.end();
      onClose();
    },
  };
}

/** Messages one by one as they are made; an error after the start becomes the last one. */
export function messageFrames(messages: AsyncIterator<string>, onClose: () => void): Frames {
  let pending: Promise<{ frame: string } | 'end'> | undefined;
  let failed = false;
  const read = async (): Promise<{ frame: string } | 'end'> => {
    if (failed) return 'end';
    try {
      const { done, value } = await messages.next();
      return done === true ? 'end' : { frame: value };
    } catch (error) {
      failed = true;
      return { frame: errorFrame(error) };
    }
  };
  return {
    async next(milliseconds) {
      pending ??= read();
      const next = await within(pending, milliseconds);
      if (next !== 'idle') pending = undefined;
      return next;
    },
    close: onClose,
  };
}

function errorFrame(error: unknown): string {
  const { http, body } = problemOf(error);
  return formatJson({ error: { grpc_code: body.code, http_code: http, message: body.message } });
}

async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | 'idle'> {
  let timer: NodeJS.Timeout | undefined;
  const idle = new Promise<'idle'>((resolve) => {
    timer = setTimeout(resolve, milliseconds, 'idle');
  });
  try {
    return await Promise.race([promise, idle]);
  } finally {
    clearTimeout(timer);
  }
}

/** Server-sent events when the request accepts exactly those, else one JSON line per message. */
function respond(c: ApiContext, frames: Frames, place: LastingReply): Response {
  const asEvents = c.req.header('accept') === 'text/event-stream';
  const encoder = new TextEncoder();
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    place.leave();
    frames.close();
  };
  const encode = (frame: string): Uint8Array =>
    encoder.encode(asEvents ? `data: ${frame} \n\n` : `${frame}\n`);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      void place.ended.then((reason) => {
        if (closed) return;
        // What still waits for the reader is not for him any more.
        close();
        controller.enqueue(encode(errorFrame(reason)));
        controller.close();
      });
    },
    async pull(controller) {
      const next = await frames.next(keepAliveMilliseconds);
      if (closed) return;
      if (next === 'end') {
        close();
        controller.close();
        return;
      }
      // A line feed between JSON lines means nothing to their reader and keeps the connection alive as well.
      const idle = asEvents ? ':\n\n' : '\n';
      controller.enqueue(next === 'idle' ? encoder.encode(idle) : encode(next.frame));
    },
    cancel: close,
  });
  return new Response(body, {
    headers: {
      'Content-Type': asEvents ? 'text/event-stream' : 'application/json',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
    },
  });
}
