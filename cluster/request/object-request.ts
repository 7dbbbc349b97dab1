import { KeelsonError, ObjectError } from '../../core/errors.ts';
import { parseJson } from '../../core/object/json/json.ts';
import type { ResourceKey } from '../../core/object/key.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import type { ApiResource } from '../discovery/resource.ts';
import { statusError } from './status-error.ts';
import type { Transport, TransportRequest } from './transport.ts';

/** Sends requests to one cluster and turns refusals into errors that name their object. */
export type Requester = {
  /** The reply's JSON; the key names the object in errors. */
  json(request: TransportRequest, key?: ResourceKey): Promise<unknown>;
  /** The object in the reply. */
  object(request: TransportRequest, key: ResourceKey): Promise<Manifest>;
};

/** A requester over one transport, whose requests are made as the identity or as a user that it stands for. */
export function createRequester(
  cluster: string,
  transport: Pick<Transport, 'send'>,
  user?: string,
): Requester {
  async function json(request: TransportRequest, key?: ResourceKey): Promise<unknown> {
    const reply = await transport.send(user === undefined ? request : { ...request, user });
    if (reply.status >= 400) {
      const path = request.path.split('?', 1)[0];
      throw statusError(reply.status, reply.text, { cluster, key, request: `${request.method} ${path}` });
    }
    return parse(cluster, reply.text);
  }
  return {
    json,
    async object(request, key) {
      const body = await json(request, key);
      if (isManifest(body)) return body;
      throw new ObjectError(
        'internal',
        key,
        `cluster ${cluster} answered with something that is not an object`,
      );
    },
  };
}

function parse(cluster: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    // The parser quotes the text, which may hold secrets.
    throw new KeelsonError('unavailable', `cluster ${cluster} answered with something that is not JSON`, {
      retryable: true,
    });
  }
}

/** Whether a parsed value is a Kubernetes object: checked by hand, as every event of every watch passes here. */
export function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  if (!('apiVersion' in value && 'kind' in value && 'metadata' in value)) return false;
  const { apiVersion, kind, metadata } = value;
  return (
    typeof apiVersion === 'string' &&
    typeof kind === 'string' &&
    typeof metadata === 'object' &&
    metadata !== null
  );
}

/** The key an object has on the cluster, with the demands of its scope met. */
export function targetKey(manifest: Manifest, resource: ApiResource): ResourceKey {
  const key = keyOf(manifest);
  if (resource.namespaced && key.namespace === '') {
    throw new ObjectError('manifest-invalid', key, 'has no namespace; set metadata.namespace');
  }
  return resource.namespaced ? key : { ...key, namespace: '' };
}
