import { subscribe } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';

/** Sent with every request; the guard tells our streams from other HTTP/2 clients of the program by it. */
export const userAgent = 'keelson';

let guarding = false;

/**
 * Gives every HTTP/2 stream of our sessions a listener for errors. When a request is given up while its reply is on
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
    const { session } = Object(stream);
    if (!(stream instanceof EventEmitter) || typeof session !== 'object' || session === null) return;
    if (headers?.['user-agent'] === userAgent) sessions.add(session);
    if (sessions.has(session)) stream.on('error', ignore);
  });
}

/** Requests learn of the break by their own streams; late replies are nobody's. */
function ignore(): void {}
