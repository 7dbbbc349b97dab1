import { z } from 'zod';
import { KeelsonError } from '../core/errors.ts';
import type { Manifest } from '../core/object/manifest.ts';
import type { WatchEnd, WatchEvent, WatchOptions } from './calls.ts';
import { readLines } from './lines.ts';
import { networkError } from './network-error.ts';
import { isManifest } from './object-request.ts';
import { type ApiResource, queryString, resourcePath } from './resource.ts';
import { statusError } from './status-error.ts';
import type { Transport } from './transport.ts';

/** Bookmarks come about once a minute, so this much silence means a dead connection. */
const defaultSilenceMs = 150_000;

/** Holds one watch over one connection until it ends, passing events on as they come. */
export async function watchOnce(
  cluster: { readonly name: string; readonly server: string },
  transport: Transport,
  resource: ApiResource,
  options: WatchOptions,
): Promise<WatchEnd> {
  const subject = { cluster: cluster.name, request: `watch ${resource.apiVersion} ${resource.plural}` };
  const deadline = createDeadline(options.silenceMs ?? defaultSilenceMs, options.signal);
  let resourceVersion = options.resourceVersion;
  try {
    const { status, body } = await transport.open({
      method: 'GET',
      path: watchPath(resource, options),
      idempotent: true,
      signal: deadline.signal,
    });
    if (status === 410) return await drained(body, { reason: 'expired', resourceVersion });
    if (status >= 400) throw statusError(status, await body.text(), subject);
    for await (const line of readLines(body)) {
      deadline.extend();
      const event = readEvent(line);
      if (event.type === 'ERROR') {
        if (event.status === 410) return { reason: 'expired', resourceVersion };
        throw statusError(event.status, event.text, subject);
      }
      resourceVersion =
        event.type === 'BOOKMARK' ? event.resourceVersion : versionOf(event.object, resourceVersion);
      options.onEvent(event);
    }
    return { reason: 'ended', resourceVersion };
  } catch (cause) {
    options.signal.throwIfAborted();
    if (deadline.signal.aborted) return { reason: 'silent', resourceVersion };
    if (cause instanceof KeelsonError || !isStreamBreak(cause)) throw cause;
    throw networkError(cluster, cause);
  } finally {
    deadline.clear();
  }
}

/** A break of the connection has a code; an error of a listener has none and stays what it is. */
function isStreamBreak(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause;
}

async function drained(body: { dump(): Promise<void> }, end: WatchEnd): Promise<WatchEnd> {
  await body.dump();
  return end;
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

function readEvent(line: string): ReadEvent {
  const { type, object } = WireEvent.parse(JSON.parse(line));
  if (!isManifest(object)) return { type: 'ERROR', ...errorOf(object) };
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return { type, object };
  if (type === 'BOOKMARK') return { type, resourceVersion: versionOf(object, '') };
  return { type: 'ERROR', ...errorOf(object) };
}

function errorOf(object: unknown): { status: number; text: string } {
  const code = z.object({ code: z.number() }).safeParse(object);
  return { status: code.success ? code.data.code : 500, text: JSON.stringify(object) };
}

function versionOf(object: Manifest, fallback: string): string {
  return object.metadata.resourceVersion ?? fallback;
}
