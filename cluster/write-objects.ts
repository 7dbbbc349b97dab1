import { KeelsonError, ObjectError } from '../core/errors.ts';
import type { ResourceKey } from '../core/object/key.ts';
import type { Manifest } from '../core/object/manifest.ts';
import type { ApplyOptions, DeleteOptions, PatchOptions, PatchType, WriteOptions } from './calls.ts';
import type { KindRegistry } from './discovery.ts';
import { type Requester, targetKey } from './object-request.ts';
import { queryString, resourcePath } from './resource.ts';

/** Changing objects of one cluster. */
export type Writes = {
  applyServerSide(manifest: Manifest, options?: ApplyOptions): Promise<Manifest>;
  create(manifest: Manifest, options?: WriteOptions): Promise<Manifest>;
  replace(manifest: Manifest, options?: WriteOptions): Promise<Manifest>;
  patch(
    apiVersion: string,
    key: ResourceKey,
    body: unknown,
    type: PatchType,
    options?: PatchOptions,
  ): Promise<Manifest>;
  delete(apiVersion: string, key: ResourceKey, options?: DeleteOptions): Promise<'deleting' | 'gone'>;
};

/** The name under which Keelson owns fields. */
export const keelsonManager = 'keelson';
/** The name under which a sync owns fields that it did not write by server-side apply. */
export const updateManager = 'keelson-update';

const patchContentTypes: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

/** Writes through the given requester. */
export function createWrites(requester: Requester, kinds: KindRegistry): Writes {
  return {
    async applyServerSide(manifest, options = {}) {
      const resource = await kinds.resourceFor(manifest.apiVersion, manifest.kind);
      const key = namedKey(targetKey(manifest, resource));
      const query = writeQuery(options, { force: options.force ?? true });
      return await requester.object(
        {
          method: 'PATCH',
          path: resourcePath(resource, key) + query,
          body: JSON.stringify(withoutManagedFields(manifest)),
          // JSON is YAML, so this content type takes it.
          contentType: 'application/apply-patch+yaml',
          idempotent: true,
          signal: options.signal,
        },
        key,
      );
    },
    async create(manifest, options = {}) {
      const resource = await kinds.resourceFor(manifest.apiVersion, manifest.kind);
      const key = targetKey(manifest, resource);
      const path = resourcePath(resource, { namespace: key.namespace }) + writeQuery(options);
      const body = JSON.stringify(manifest);
      return await requester.object(
        { method: 'POST', path, body, idempotent: false, signal: options.signal },
        key,
      );
    },
    async replace(manifest, options = {}) {
      const resource = await kinds.resourceFor(manifest.apiVersion, manifest.kind);
      const key = namedKey(targetKey(manifest, resource));
      const path = resourcePath(resource, key) + writeQuery(options);
      const body = JSON.stringify(manifest);
      // With a resource version a repeat would meet its own success as a conflict.
      const idempotent = manifest.metadata.resourceVersion === undefined;
      return await requester.object({ method: 'PUT', path, body, idempotent, signal: options.signal }, key);
    },
    async patch(apiVersion, key, body, type, options = {}) {
      const resource = await kinds.resourceFor(apiVersion, key.kind);
      const { subresource, signal } = options;
      const target = { ...key, ...(subresource === undefined ? {} : { subresource }) };
      return await requester.object(
        {
          method: 'PATCH',
          path: resourcePath(resource, target) + writeQuery(options),
          body: JSON.stringify(body),
          contentType: patchContentTypes[type],
          idempotent: false,
          signal,
        },
        key,
      );
    },
    delete: async (apiVersion, key, options = {}) => {
      const resource = await kinds.resourceFor(apiVersion, key.kind);
      return await deleteObject(requester, resourcePath(resource, key), key, options);
    },
  };
}

async function deleteObject(
  requester: Requester,
  path: string,
  key: ResourceKey,
  options: DeleteOptions,
): Promise<'deleting' | 'gone'> {
  const { uid, propagationPolicy, gracePeriodSeconds, dryRun, signal } = options;
  const body = JSON.stringify({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(uid === undefined ? {} : { preconditions: { uid } }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy: policyWords[propagationPolicy] }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(dryRun === true ? { dryRun: ['All'] } : {}),
  });
  // Without a uid a repeat could hit a successor that somebody created in between.
  const idempotent = uid !== undefined;
  try {
    await requester.json({ method: 'DELETE', path, body, idempotent, signal }, key);
    return 'deleting';
  } catch (error) {
    if (error instanceof KeelsonError && error.code === 'not-found') return 'gone';
    throw error;
  }
}

const policyWords = { foreground: 'Foreground', background: 'Background', orphan: 'Orphan' } as const;

function writeQuery(options: WriteOptions, more: Readonly<Record<string, boolean>> = {}): string {
  return queryString({
    fieldManager: options.fieldManager ?? keelsonManager,
    fieldValidation: options.fieldValidation ?? 'Strict',
    dryRun: options.dryRun === true ? 'All' : undefined,
    ...more,
  });
}

function namedKey(key: ResourceKey): ResourceKey {
  if (key.name !== '') return key;
  throw new ObjectError(
    'manifest-invalid',
    key,
    'has no metadata.name; set it, as generateName only works for creation',
  );
}

/** An API server refuses to apply an object that brings managedFields. */
function withoutManagedFields(manifest: Manifest): Manifest {
  const { managedFields: _, ...metadata } = manifest.metadata;
  return { ...manifest, metadata };
}
