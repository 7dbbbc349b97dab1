import type { ClusterClient } from '../../cluster/request/client.ts';
import { type CompareContext, compareRules } from '../../core/diff/context.ts';
import { blendIgnored } from '../../core/diff/rules/respect-ignored.ts';
import { type CompareRules, rulesFor } from '../../core/diff/rules/rules.ts';
import { sameJson } from '../../core/object/json/canonical.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { isHook } from '../../core/sync/options/hook.ts';
import type { DesiredObject } from '../../core/sync/plan/plan-input.ts';
import type { ContentStore } from '../../db/content-store.ts';
import type { OperationRow } from '../../db/queries/operation/operation.ts';
import type { Jq } from '../../platform/jq/jq.ts';
import type { Respected } from '../apply/step.ts';
import type { ApplyDeps } from '../deps.ts';
import type { ClusterView } from '../session/cluster-view.ts';

/**
 * Desired objects with their ignored fields as they are live, for `RespectIgnoreDifferences=true`. What is written
 * then is stored, so that the plan names it by digest as it names everything else.
 */
export async function respectLiveFields(
  { content, jq }: { readonly content: Pick<ContentStore, 'store'>; readonly jq: Pick<Jq, 'paths'> },
  view: Pick<ClusterView, 'get'>,
  desired: readonly DesiredObject[],
  context: CompareContext,
): Promise<DesiredObject[]> {
  const respected = await Promise.all(
    desired.map(async (object): Promise<DesiredObject> => {
      const { manifest } = object;
      if (isHook(manifest)) return object;
      // An object that is made between plan and write has fields to leave alone too.
      const current = view.get(keyOf(manifest)) ?? manifest;
      const written = await blended(jq, manifest, current, context.rules);
      if (written === undefined) return object;
      return { ...object, respects: true, ...(sameJson(written, manifest) ? {} : { manifest: written }) };
    }),
  );
  const changed = respected.filter(({ manifest }, place) => manifest !== desired[place]?.manifest);
  const digests = await content.store(changed.map(({ manifest }) => manifest));
  const digestOf = new Map(changed.map((object, place) => [object, digests[place] ?? object.digest]));
  return respected.map((object) => ({ ...object, digest: digestOf.get(object) ?? object.digest }));
}

/**
 * A planned manifest with its ignored fields as they are at this moment: a controller may have changed them while the
 * plan waited for its turn. The write is to be held to the state that was read.
 */
export async function respectNow(
  deps: Pick<ApplyDeps, 'jq' | 'settings'>,
  client: Pick<ClusterClient, 'get'>,
  planned: Manifest,
  { operation, signal }: { readonly operation: Pick<OperationRow, 'spec'>; readonly signal: AbortSignal },
): Promise<Respected> {
  const current = await client.get(planned.apiVersion, keyOf(planned), { signal });
  if (current === undefined) return { manifest: planned, resourceVersion: undefined };
  const rules = compareRules(deps.settings.current(), operation.spec);
  const manifest = (await blended(deps.jq, planned, current, rules)) ?? planned;
  return { manifest, resourceVersion: current.metadata.resourceVersion };
}

/** A manifest with what is ignored as it is live; undefined where nothing is. */
async function blended(
  jq: Pick<Jq, 'paths'>,
  manifest: Manifest,
  current: Manifest,
  rules: CompareRules,
): Promise<Manifest | undefined> {
  const own = rulesFor(manifest, rules);
  const [desired, live] = await Promise.all([
    jq.paths(manifest, own.jqPathExpressions),
    jq.paths(current, own.jqPathExpressions),
  ]);
  return blendIgnored(manifest, current, own, { desired, live });
}
