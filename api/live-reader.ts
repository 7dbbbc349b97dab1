import type { ResourceKey } from '../core/object/key.ts';
import type { Manifest } from '../core/object/manifest.ts';

/** What the API asks of a cluster: live objects, one at a time. */
export type LiveReader = {
  /** The live object, undefined when there is none. */
  get(object: { readonly apiVersion: string; readonly key: ResourceKey }): Promise<Manifest | undefined>;
};
