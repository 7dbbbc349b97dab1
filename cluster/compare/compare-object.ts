import { isUnchanged } from '../../core/diff/compare.ts';
import type { CompareContext } from '../../core/diff/context.ts';
import { provesEqual } from '../../core/diff/predict/offline-equal.ts';
import { canonicalValues } from '../../core/diff/rules/known-types.ts';
import { normalizePair } from '../../core/diff/rules/normalize.ts';
import { formatJqFault, jqExpressions, rulesFor } from '../../core/diff/rules/rules.ts';
import { formerManagers, keelsonManager, ownFormerManagers } from '../../core/object/managers.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import type { Jq } from '../../platform/jq/jq.ts';
import { type Prediction, type Predictor, predict } from './predict.ts';

/** What a comparison needs from outside. */
export type CompareTools = { readonly client: Predictor; readonly jq: Pick<Jq, 'remove' | 'faultOf'> };

/** Both sides as they were compared, and the verdict. */
export type Comparison = {
  readonly changed: boolean;
  readonly predicted: Manifest;
  readonly live: Manifest;
  /** Why the API server couldn't tell, when it couldn't. */
  readonly reason?: string;
};

/** Whether a sync would leave a live object as it is, told without a request; false means that it isn't known. */
export function isProvenEqual(desired: Manifest, live: Manifest, context: CompareContext): boolean {
  // A webhook may change what nobody else does; only the API server knows that.
  if (context.includesWebhooks) return false;
  const rules = rulesFor(desired, context.rules);
  if (!rules.ignoresStatus && desired['status'] !== undefined) return false;
  return provesEqual(canonicalValues(desired), live, ownerOf(context));
}

/** Compares a manifest with a live object under the rules of its application. */
export async function compareObject(
  { client, jq }: CompareTools,
  desired: Manifest,
  live: Manifest,
  context: CompareContext,
): Promise<Comparison> {
  const prediction: Prediction = isProvenEqual(desired, live, context)
    ? { predicted: live, live }
    : await predict(client, desired, live, { ...context, formerManagers: ownerOf(context).formerManagers });
  const rules = rulesFor(desired, context.rules);
  const pair = normalizePair(prediction, rules);
  const reason = prediction.reason === undefined ? {} : { reason: prediction.reason };
  const expressions = rules.jqPathExpressions;
  // What is equal stays so whatever is left out of both.
  if (expressions.length === 0 || isUnchanged(pair.live, pair.predicted)) return judged(pair, reason);
  const [predicted, current] = await Promise.all([
    jq.remove(pair.predicted, expressions),
    jq.remove(pair.live, expressions),
  ]);
  return judged({ predicted, live: current }, reason);
}

function judged(
  { predicted, live }: { readonly predicted: Manifest; readonly live: Manifest },
  reason: { readonly reason?: string },
): Comparison {
  return { changed: !isUnchanged(live, predicted), predicted, live, ...reason };
}

function ownerOf(context: CompareContext): {
  readonly manager: string;
  readonly formerManagers: readonly string[];
} {
  return { manager: keelsonManager, formerManagers: context.takesOver ? formerManagers : ownFormerManagers };
}

/** Why an application can't be compared at all: a jq expression that can't be run. */
export async function contextFault(
  jq: Pick<Jq, 'faultOf'>,
  { rules }: CompareContext,
): Promise<string | undefined> {
  for (const named of jqExpressions(rules)) {
    const fault = await jq.faultOf(named.expression);
    if (fault !== undefined) return formatJqFault(named, fault);
  }
  return undefined;
}
