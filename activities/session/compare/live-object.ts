import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import type { LiveObject } from '../../../core/sync/plan/plan-input.ts';

/** A live object as planning sees it. */
export function liveObject(object: Manifest, changed: boolean): LiveObject {
  return {
    key: keyOf(object),
    uid: object.metadata.uid ?? '',
    apiVersion: object.apiVersion,
    metadata: object.metadata,
    changed,
  };
}
