import { subscribe } from 'node:diagnostics_channel';
import { Duplex } from 'node:stream';

/** Sent with every request; the guard tells our streams from other HTTP/2 clients of the program by it. */
export const userAgent = 'keelson';

let guarding = false;

/**
 * Ends late replies and keeps their errors from ending the program. A request that is given up between being queued
 * and being sent goes out all the same, and Node makes a second stream out of its reply. Nobody knows that one; when
 * the connection breaks later, its error has no listener. Seen with undici 8.12.4 on Node 24.21: an API server died
 * after a watch had been aborted, and the whole process with it.
 */
export function guardStreams(): void {
  if (guarding) return;
  guarding = true;
  const sessions = new WeakSet<object>();
  subscribe('http2.client.stream.created', (message) => {
    const { stream, headers } = Object(message);
    if (!(stream instanceof Duplex)) return;
    const { session } = Object(stream);
    const isRequest = headers?.['user-agent'] === userAgent;
    if (isRequest && session) sessions.add(session);
    if (!sessions.has(session)) return;
    stream.on('error', ignore);
    // What a late reply brings is never read and would use the connection's window up for all others.
    if (!isRequest) setImmediate(() => stream.destroy());
  });
}

/** Requests learn of the break by their own streams; late replies are nobody's. */
function ignore(): void {}
