import type { ApiContext } from './context.ts';
import type { Outbox } from './outbox.ts';

/** Silence after which a comment is sent, so that proxies don't cut the connection. */
const keepAliveMilliseconds = 15_000;

export type StreamOptions = {
  /** When the reader's session ends; the stream ends with it. */
  readonly until: Date;
  /** Called once, when the reader leaves or the stream ends. */
  readonly onClose: () => void;
};

/**
 * Sends an outbox to one reader: server-sent events when the request accepts exactly those, else one JSON line per
 * message. Frames are made as fast as the reader takes them.
 */
export function streamOutbox(c: ApiContext, outbox: Outbox, options: StreamOptions): Response {
  const asEvents = c.req.header('accept') === 'text/event-stream';
  const encoder = new TextEncoder();
  const expiry = endAt(outbox, options.until.getTime() - c.var.deps.now().getTime());
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    clearTimeout(expiry);
    outbox.end();
    options.onClose();
  };
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await outbox.next(keepAliveMilliseconds);
      if (next === 'end') {
        close();
        controller.close();
        return;
      }
      // A line feed between JSON lines means nothing to their reader and keeps the connection alive as well.
      if (next === 'idle') controller.enqueue(encoder.encode(asEvents ? ':\n\n' : '\n'));
      else controller.enqueue(encoder.encode(asEvents ? `data: ${next.frame} \n\n` : `${next.frame}\n`));
    },
    cancel: close,
  });
  return new Response(body, {
    headers: {
      'Content-Type': asEvents ? 'text/event-stream' : 'application/json',
      'Cache-Control': 'no-cache, no-transform',
      'X-Content-Type-Options': 'nosniff',
      'X-Accel-Buffering': 'no',
    },
  });
}

/** The longest delay that a timer can count, about 24 days. */
const maxTimerMilliseconds = 2 ** 31 - 1;

function endAt(outbox: Outbox, milliseconds: number): NodeJS.Timeout {
  const timer = setTimeout(outbox.end, Math.min(Math.max(milliseconds, 0), maxTimerMilliseconds));
  timer.unref();
  return timer;
}
