import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import type { ClusterClient } from '../request/client.ts';

/** A definition's change is told by an event, which the API server may send before it acts upon it. */
const longestKnownMilliseconds = 10 * 60 * 1000;

type Known = { readonly object: Promise<Manifest>; readonly until: number };

/** Live objects of one cluster in other versions than the cache holds. */
export type Conversions = {
  /**
   * A live object in the version in which it is desired; the cache holds the version that the cluster prefers. Fails
   * with `kind-unknown` where that version isn't served: the object can't be applied then, whatever it looks like in
   * another.
   */
  inVersion(live: Manifest, apiVersion: string): Promise<Manifest>;
  /** Forgets what objects look like in other versions, as a definition has changed: one may not be served any more. */
  forget(): void;
};

/** Asks a cluster once for each state of an object and version; a new state of an object is another manifest. */
export function createConversions(client: Pick<ClusterClient, 'get'>): Conversions {
  let converted = new WeakMap<Manifest, Map<string, Known>>();
  const knownOf = (live: Manifest): Map<string, Known> => {
    const known = converted.get(live) ?? new Map<string, Known>();
    converted.set(live, known);
    return known;
  };
  return {
    async inVersion(live, apiVersion) {
      if (live.apiVersion === apiVersion) return live;
      const known = knownOf(live);
      const found = known.get(apiVersion);
      if (found !== undefined && found.until > performance.now()) return found.object;
      const asked = client.get(apiVersion, keyOf(live)).then((object) => object ?? live);
      known.set(apiVersion, { object: asked, until: performance.now() + longestKnownMilliseconds });
      asked.catch(() => known.delete(apiVersion));
      return asked;
    },
    forget() {
      converted = new WeakMap();
    },
  };
}
