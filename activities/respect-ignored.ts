import type { CompareContext } from '../core/diff/context.ts';
import { respectIgnored } from '../core/diff/respect-ignored.ts';
import { rulesFor } from '../core/diff/rules.ts';
import { sameJson } from '../core/object/canonical.ts';
import { keyOf } from '../core/object/manifest.ts';
import { isHook } from '../core/sync/hook.ts';
import type { DesiredObject } from '../core/sync/plan-input.ts';
import type { Deps } from './deps.ts';
import type { LiveCluster } from './session/live-clusters.ts';

/**
 * Desired objects with their ignored fields as they are live, for `RespectIgnoreDifferences=true`. What is written
 * then is stored, so that the plan names it by digest as it names everything else.
 */
export async function respectLiveFields(
  deps: Pick<Deps, 'content' | 'jq'>,
  live: LiveCluster,
  desired: readonly DesiredObject[],
  context: CompareContext,
): Promise<DesiredObject[]> {
  const respected = await Promise.all(
    desired.map(async (object) => {
      const { manifest } = object;
      const current = live.cache.get(keyOf(manifest));
      if (current === undefined || isHook(manifest)) return object;
      const rules = rulesFor(manifest, context.rules);
      const [inDesired, inLive] = await Promise.all([
        deps.jq.paths(manifest, rules.jqPathExpressions),
        deps.jq.paths(current, rules.jqPathExpressions),
      ]);
      const written = respectIgnored(manifest, current, rules, { desired: inDesired, live: inLive });
      return sameJson(written, manifest) ? object : { ...object, manifest: written };
    }),
  );
  const changed = respected.filter((object, place) => object !== desired[place]);
  const digests = await deps.content.store(changed.map(({ manifest }) => manifest));
  const digestOf = new Map(changed.map((object, place) => [object, digests[place] ?? object.digest]));
  return respected.map((object) => ({ ...object, digest: digestOf.get(object) ?? object.digest }));
}
