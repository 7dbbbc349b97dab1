import { z } from 'zod';
import { KeelsonError } from '../../core/errors.ts';
import type { ResourceKey } from '../../core/object/key.ts';
import type { Manifest, ObjectMetadata } from '../../core/object/manifest/manifest.ts';
import type { KindRegistry } from '../discovery/discovery.ts';
import { type ApiResource, queryString, resourcePath } from '../discovery/resource.ts';
import type { CallOptions, ListOptions, ObjectList } from './calls.ts';
import type { Requester } from './object-request.ts';
import { isTooLarge } from './transport.ts';

/** Reading objects of one cluster. */
export type Reads = {
  get(apiVersion: string, key: ResourceKey, options?: CallOptions): Promise<Manifest | undefined>;
  list(resource: ApiResource, options?: ListOptions): Promise<ObjectList>;
};

const ListReply = z.object({
  metadata: z.object({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z
    .array(z.custom<Record<string, unknown>>((entry) => typeof entry === 'object' && entry !== null))
    .nullable(),
});

/** Large enough for few round trips, small enough that one page never holds an API server up. */
const defaultPageSize = 500;
/** From 500 to one object in five steps. */
const pageDivisor = 4;

/** Reads through the given requester. */
export function createReads(requester: Requester, kinds: KindRegistry): Reads {
  async function get(
    apiVersion: string,
    key: ResourceKey,
    { signal }: CallOptions = {},
  ): Promise<Manifest | undefined> {
    const resource = await kinds.resourceFor(apiVersion, key.kind);
    try {
      return await requester.object(
        { method: 'GET', path: resourcePath(resource, key), idempotent: true, signal },
        key,
      );
    } catch (error) {
      if (error instanceof KeelsonError && error.code === 'not-found') return undefined;
      throw error;
    }
  }

  async function list(resource: ApiResource, options: ListOptions = {}): Promise<ObjectList> {
    try {
      return await listPages(requester, resource, options, options.pageSize ?? defaultPageSize);
    } catch (error) {
      if (!isExpired(error)) throw error;
      // The pages took longer than the server keeps its past; one piece can't expire half way.
      return await listPages(requester, resource, options, undefined);
    }
  }

  return { get, list };
}

async function listPages(
  requester: Requester,
  resource: ApiResource,
  options: ListOptions,
  limit: number | undefined,
): Promise<ObjectList> {
  const { namespace, labelSelector, fieldSelector, signal, onPage } = options;
  const path = resourcePath(resource, namespace === undefined ? {} : { namespace });
  const items: Manifest[] = [];
  let size = limit;
  let continueToken: string | undefined;
  for (;;) {
    const query = queryString({ limit: size, continue: continueToken, labelSelector, fieldSelector });
    let body: unknown;
    try {
      body = await requester.json({ method: 'GET', path: path + query, idempotent: true, signal });
    } catch (error) {
      if (!isTooLarge(error) || size === undefined || size === 1) throw error;
      // Objects of a megabyte each; the same place of the list goes on with fewer at once.
      size = Math.ceil(size / pageDivisor);
      continue;
    }
    const { metadata, items: page } = ListReply.parse(body);
    for (const entry of page ?? []) items.push(completed(entry, resource));
    onPage?.(items.length);
    if (!metadata.continue) return { items, resourceVersion: metadata.resourceVersion };
    continueToken = metadata.continue;
  }
}

/** Entries of built-in lists come without apiVersion and kind; the list's own say what they are. */
function completed(entry: Record<string, unknown>, resource: ApiResource): Manifest {
  const { metadata, ...rest } = entry;
  const { apiVersion, kind } = resource;
  return { ...rest, apiVersion, kind, metadata: Metadata.parse(metadata) };
}

const Metadata = z.custom<ObjectMetadata>((value) => typeof value === 'object' && value !== null);

function isExpired(error: unknown): boolean {
  return error instanceof KeelsonError && error.details['status'] === 410;
}
