import { formatJson } from '../core/object/json.ts';
import type { ApiContext } from './context.ts';
import type { Outbox } from './outbox.ts';
import { problemOf } from './problem.ts';

/** Silence after which something is sent, so that proxies don't cut the connection. */
const keepAliveMilliseconds = 15_000;
/** The longest delay that a timer can count, about 24 days. */
const maxTimerMilliseconds = 2 ** 31 - 1;

/** Where the messages of one stream come from. */
type Frames = {
  /** The next message; `'idle'` when none came in time, `'end'` when none will. */
  next(milliseconds: number): Promise<{ readonly frame: string } | 'idle' | 'end'>;
  /** Called once, when the reader leaves or the stream ends. */
  close(): void;
};

export type StreamOptions = {
  /** When the reader's session ends; the stream ends with it. */
  readonly until: Date;
  readonly onClose: () => void;
};

/** Sends an outbox to one reader, as fast as the reader takes it. */
export function streamOutbox(c: ApiContext, outbox: Outbox, options: StreamOptions): Response {
  const left = options.until.getTime() - c.var.deps.now().getTime();
  const expiry = setTimeout(outbox.end, Math.min(Math.max(left, 0), maxTimerMilliseconds));
  expiry.unref();
  return respond(c, {
    next: outbox.next,
    close: () => {
      clearTimeout(expiry);
      outbox.end();
      options.onClose();
    },
  });
}

/** Sends messages one by one as they are made; an error after the start becomes the last one. */
export function streamMessages(
  c: ApiContext,
  messages: AsyncIterator<string>,
  onClose: () => void,
): Response {
  let pending: Promise<{ frame: string } | 'end'> | undefined;
  let failed = false;
  const read = async (): Promise<{ frame: string } | 'end'> => {
    if (failed) return 'end';
    try {
      const { done, value } = await messages.next();
      return done === true ? 'end' : { frame: value };
    } catch (error) {
      failed = true;
      const { http, body } = problemOf(error);
      const { code, message } = body;
      return { frame: formatJson({ error: { grpc_code: code, http_code: http, message } }) };
    }
  };
  return respond(c, {
    async next(milliseconds) {
      pending ??= read();
      const next = await within(pending, milliseconds);
      if (next !== 'idle') pending = undefined;
      return next;
    },
    close: onClose,
  });
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
function respond(c: ApiContext, frames: Frames): Response {
  const asEvents = c.req.header('accept') === 'text/event-stream';
  const encoder = new TextEncoder();
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    frames.close();
  };
  const body = new ReadableStream<Uint8Array>({
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
      const text = next === 'idle' ? idle : asEvents ? `data: ${next.frame} \n\n` : `${next.frame}\n`;
      controller.enqueue(encoder.encode(text));
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
