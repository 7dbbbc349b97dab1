import { KeelsonError, ObjectError } from '../../core/errors.ts';
import { formatJson, formatYamlJson } from '../../core/object/json/json.ts';
import type { ResourceKey } from '../../core/object/key.ts';
import { keelsonManager } from '../../core/object/managers.ts';
import { isFields } from '../../core/object/manifest/check-manifest.ts';
import { encodedDataProblem } from '../../core/object/manifest/encoded-data.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import type { KindRegistry } from '../discovery/discovery.ts';
import { queryString, resourcePath } from '../discovery/resource.ts';
import type { ApplyOptions, DeleteOptions, PatchOptions, PatchType, WriteOptions } from './calls.ts';
import { type Requester, targetKey } from './object-request.ts';

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
      const key = writable(manifest, namedKey(targetKey(manifest, resource)));
      const query = writeQuery(options, { force: options.force ?? true });
      try {
        return await requester.object(
          {
            method: 'PATCH',
            path: resourcePath(resource, key) + query,
            body: formatYamlJson(bodyOf(manifest, options)),
            // There is no content type for JSON alone that every API server takes.
            contentType: 'application/apply-patch+yaml',
            idempotent: true,
            signal: options.signal,
          },
          key,
        );
      } catch (error) {
        // What the caller asked to be held to is no fault of the manifest.
        throw (options.resourceVersion === undefined && staleField(error, manifest, key)) || error;
      }
    },
    async create(manifest, options = {}) {
      const resource = await kinds.resourceFor(manifest.apiVersion, manifest.kind);
      const key = writable(manifest, targetKey(manifest, resource));
      const path = resourcePath(resource, { namespace: key.namespace }) + writeQuery(options);
      const body = formatJson(manifest);
      return await requester.object(
        { method: 'POST', path, body, idempotent: false, signal: options.signal },
        key,
      );
    },
    async replace(manifest, options = {}) {
      const resource = await kinds.resourceFor(manifest.apiVersion, manifest.kind);
      const key = writable(manifest, namedKey(targetKey(manifest, resource)));
      const path = resourcePath(resource, key) + writeQuery(options);
      const body = formatJson(manifest);
      // With a resource version a repeat would meet its own success as a conflict.
      const idempotent = manifest.metadata.resourceVersion === undefined;
      return await requester.object({ method: 'PUT', path, body, idempotent, signal: options.signal }, key);
    },
    async patch(apiVersion, key, body, type, options = {}) {
      const resource = await kinds.resourceFor(apiVersion, key.kind);
      const { subresource, signal } = options;
      if (isFields(body)) writable({ ...body, apiVersion, kind: key.kind, metadata: {} }, key);
      const target = { ...key, ...(subresource === undefined ? {} : { subresource }) };
      return await requester.object(
        {
          method: 'PATCH',
          path: resourcePath(resource, target) + writeQuery(options),
          body: formatJson(heldTo(body, type, options)),
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

/** A merge of a version is refused once the object has another; a JSON patch says so by an operation of its own. */
function heldTo(body: unknown, type: PatchType, { resourceVersion }: WriteOptions): unknown {
  if (resourceVersion === undefined || type === 'json' || !isFields(body)) return body;
  const metadata = isFields(body['metadata']) ? body['metadata'] : {};
  return { ...body, metadata: { ...metadata, resourceVersion } };
}

async function deleteObject(
  requester: Requester,
  path: string,
  key: ResourceKey,
  options: DeleteOptions,
): Promise<'deleting' | 'gone'> {
  const { uid, resourceVersion, propagationPolicy, gracePeriodSeconds, dryRun, signal } = options;
  const preconditions = {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  const body = formatJson({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
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

/** The key of a manifest; refuses values that an API server can't read without saying which they are. */
function writable(manifest: Manifest, key: ResourceKey): ResourceKey {
  const problem = encodedDataProblem(manifest);
  if (problem !== undefined) throw new ObjectError('object-invalid', key, problem);
  return key;
}

/** An apply that names a uid or a version is refused as soon as the object has another one, and no try helps. */
function staleField(error: unknown, { metadata }: Manifest, key: ResourceKey): ObjectError | undefined {
  if (!(error instanceof KeelsonError) || error.code !== 'conflict') return undefined;
  const field = (['uid', 'resourceVersion'] as const).find((name) => metadata[name] !== undefined);
  if (field === undefined) return undefined;
  const message = `metadata.${field} of the manifest is not that of the object in the cluster, which gives it by itself; remove metadata.${field} from the manifest`;
  return new ObjectError('object-invalid', key, message, { cause: error });
}

/** An API server refuses to apply an object that brings managedFields. */
function bodyOf(manifest: Manifest, { resourceVersion }: WriteOptions): Manifest {
  const { managedFields: _, ...metadata } = manifest.metadata;
  return {
    ...manifest,
    metadata: { ...metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
  };
}
