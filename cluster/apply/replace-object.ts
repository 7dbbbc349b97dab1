import { updateManager } from '../../core/object/managers.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import type { WriteOptions } from '../request/calls.ts';
import type { ClusterClient } from '../request/client.ts';
import { isAlreadyThere } from './client-side-apply.ts';

/** What a replacement did: an object that is not there is created. */
export type Replaced = { readonly object: Manifest; readonly effect: 'created' | 'replaced' };

/**
 * Puts a manifest in the place of the live object. Finalizers and owners stay where the manifest names none: they are
 * other controllers' hold on the object and nothing that Git describes.
 */
export async function replaceObject(
  client: ClusterClient,
  manifest: Manifest,
  options: WriteOptions,
): Promise<Replaced> {
  const call = { ...options, fieldManager: updateManager };
  const live = await client.get(manifest.apiVersion, keyOf(manifest), { signal: options.signal });
  if (live !== undefined) {
    return { object: await client.replace(successor(manifest, live, options), call), effect: 'replaced' };
  }
  try {
    return { object: await client.create(manifest, call), effect: 'created' };
  } catch (error) {
    // It came into being since the look: by somebody else, or by an earlier request whose reply was lost.
    if (!isAlreadyThere(error)) throw error;
    return replaceObject(client, manifest, options);
  }
}

function successor(manifest: Manifest, live: Manifest, options: WriteOptions): Manifest {
  const { finalizers, ownerReferences } = live.metadata;
  const resourceVersion = options.resourceVersion ?? live.metadata.resourceVersion;
  return {
    ...manifest,
    metadata: {
      ...(finalizers === undefined ? {} : { finalizers }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
      ...manifest.metadata,
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  };
}
