import { subscribe } from 'node:diagnostics_channel';
import { Duplex } from 'node:stream';

/** Sent with every request; the guard tells our streams from other HTTP/2 clients of the program by it. */
export const userAgent = 'keelson';

let guarding = false;

/**
 * Ends late replies and keeps their errors from ending the program. When a request is given up while its reply is on
 * the way, Node makes a second stream out of the late reply. Nobody knows that one, and when the connection breaks
 * later its error ends the program. Seen with undici 8.12.4 on Node 24.21: an API server died after a watch had
 * been aborted.
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
