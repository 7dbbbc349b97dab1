import { z } from 'zod';
import { KeelsonError } from '../../core/errors.ts';
import { formatJson, parseJson } from '../../core/object/json/json.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { type ApiResource, queryString, resourcePath } from '../discovery/resource.ts';
import type { WatchEnd, WatchEvent, WatchOptions } from '../request/calls.ts';
import { readLines } from '../request/lines.ts';
import { networkError } from '../request/network-error.ts';
import { isManifest } from '../request/object-request.ts';
import { type Subject, statusError } from '../request/status-error.ts';
import type { Transport } from '../request/transport.ts';

/** Bookmarks come about once a minute, so this much silence means a dead connection. */
const defaultSilenceMs = 150_000;
/** Etcd holds objects of 1.5 MB unless set otherwise; what goes on for so much longer is no event. */
const longestEvent = 64 * 1024 * 1024;

/** Holds one watch over one connection until it ends, passing events on as they come. */
export async function watchOnce(
  cluster: { readonly name: string; readonly server: string },
  transport: Transport,
  resource: ApiResource,
  options: WatchOptions,
): Promise<WatchEnd> {
  const subject = { cluster: cluster.name, request: `watch ${resource.apiVersion} ${resource.plural}` };
  const deadline = createDeadline(options.silenceMs ?? defaultSilenceMs, options.signal);
  const position = { resourceVersion: options.resourceVersion };
  try {
    const { status, body } = await transport.open({
      method: 'GET',
      path: watchPath(resource, options),
      idempotent: true,
      signal: deadline.signal,
    });
    if (status >= 400) throw refusal(status, await body.text(), subject);
    options.onOpen?.();
    const limit = { most: longestEvent, beyond: () => endlessEvent(subject) };
    for await (const line of readLines(body, limit)) {
      deadline.extend();
      deliver(readEvent(cluster.name, line), position, options.onEvent, subject);
    }
    return { reason: 'ended', ...position };
  } catch (cause) {
    options.signal.throwIfAborted();
    if (cause === expired) return { reason: 'expired', ...position };
    if (deadline.signal.aborted) return { reason: 'silent', ...position };
    if (cause instanceof KeelsonError || !isStreamBreak(cause)) throw cause;
    throw networkError(cluster, cause);
  } finally {
    deadline.clear();
  }
}

function endlessEvent({ cluster, request }: Subject): KeelsonError {
  return new KeelsonError(
    'unavailable',
    `cluster ${cluster} answers ${request} with an event of more than ${longestEvent} characters; look at what stands before its API server`,
    { retryable: true },
  );
}

/** Thrown inside this file only, as the way out of a stream that has expired. */
const expired = Symbol('expired');

function refusal(status: number, text: string, subject: Subject): unknown {
  return status === 410 ? expired : statusError(status, text, subject);
}

function deliver(
  event: ReadEvent,
  position: { resourceVersion: string },
  onEvent: (event: WatchEvent) => void,
  subject: Subject,
): void {
  if (event.type === 'ERROR') throw refusal(event.status, event.text, subject);
  position.resourceVersion =
    event.type === 'BOOKMARK' ? event.resourceVersion : versionOf(event.object, position.resourceVersion);
  onEvent(event);
}

/** A break of the connection has a code; an error of a listener has none and stays what it is. */
function isStreamBreak(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause;
}

function watchPath(resource: ApiResource, options: WatchOptions): string {
  const { namespace, labelSelector, fieldSelector, resourceVersion } = options;
  const query = queryString({
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion,
    // Spread out, so that the watches of one cluster don't all come back in the same second.
    timeoutSeconds: options.timeoutSeconds ?? 240 + Math.floor(Math.random() * 240),
    labelSelector,
    fieldSelector,
  });
  return resourcePath(resource, namespace === undefined ? {} : { namespace }) + query;
}

type Deadline = { readonly signal: AbortSignal; extend(): void; clear(): void };

/** Aborts after a time without a line, or when the caller aborts. */
function createDeadline(silenceMs: number, outer: AbortSignal): Deadline {
  const controller = new AbortController();
  const abort = (): void => controller.abort(outer.reason);
  if (outer.aborted) abort();
  outer.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => controller.abort(new Error('silence')), silenceMs);
  return {
    signal: controller.signal,
    extend: () => void timer.refresh(),
    clear: () => {
      clearTimeout(timer);
      outer.removeEventListener('abort', abort);
    },
  };
}

const WireEvent = z.object({ type: z.string(), object: z.unknown() });

type ReadEvent = WatchEvent | { readonly type: 'ERROR'; readonly status: number; readonly text: string };

function readEvent(cluster: string, line: string): ReadEvent {
  const { type, object } = WireEvent.parse(parse(cluster, line));
  if (!isManifest(object)) return { type: 'ERROR', ...errorOf(object) };
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return { type, object };
  if (type === 'BOOKMARK') return { type, resourceVersion: versionOf(object, '') };
  return { type: 'ERROR', ...errorOf(object) };
}

function parse(cluster: string, line: string): unknown {
  try {
    return parseJson(line);
  } catch {
    // A connection cut in the middle of a line; the parser would quote it, and it may be a Secret.
    throw new KeelsonError('unavailable', `cluster ${cluster} sent a watch event that is cut short`, {
      retryable: true,
    });
  }
}

function errorOf(object: unknown): { status: number; text: string } {
  const code = z.object({ code: z.number() }).safeParse(object);
  return { status: code.success ? code.data.code : 500, text: formatJson(object) };
}

function versionOf(object: Manifest, fallback: string): string {
  return object.metadata.resourceVersion ?? fallback;
}
