import { isUnchanged } from '../../core/diff/compare.ts';
import type { CompareContext } from '../../core/diff/context.ts';
import { provesEqual } from '../../core/diff/predict/offline-equal.ts';
import { canonicalValues } from '../../core/diff/rules/known-types.ts';
import { normalizePair } from '../../core/diff/rules/normalize.ts';
import { formatJqFault, jqExpressions, rulesFor } from '../../core/diff/rules/rules.ts';
import { formerManagers, keelsonManager, ownFormerManagers } from '../../core/object/managers.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { alignTracking } from '../../core/sync/tracking/tracking-align.ts';
import type { Jq } from '../../platform/jq/jq.ts';
import { type Conversions, createConversions } from './conversions.ts';
import { type Prediction, type Predictor, predict } from './predict.ts';

/** What a comparison needs from outside. */
export type CompareTools = { readonly client: Predictor; readonly jq: Pick<Jq, 'remove' | 'faultOf'> };

/** A desired object and a live one in one version, with the same tracking marks where both name one application. */
export type ComparablePair = { readonly desired: Manifest; readonly live: Manifest };

/** Makes a desired object and a live one comparable; the live one may be in another version, and marked otherwise. */
export async function comparablePair(
  conversions: Pick<Conversions, 'inVersion'>,
  desired: Manifest,
  live: Manifest,
  { owner }: CompareContext,
): Promise<ComparablePair> {
  const current = await conversions.inVersion(live, desired.apiVersion);
  return { desired: alignTracking(desired, current, owner), live: current };
}

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
  return provesEqual(canonicalValues(desired), live, managersOf(context));
}

/** Compares a desired object with a live one under the rules of its application. */
export async function compareObject(
  tools: CompareTools,
  desired: Manifest,
  live: Manifest,
  context: CompareContext,
): Promise<Comparison> {
  const pair = await comparablePair(createConversions(tools.client), desired, live, context);
  const isEqual = isProvenEqual(pair.desired, pair.live, context);
  return isEqual
    ? concluded(tools, pair, { predicted: pair.live }, context)
    : comparePair(tools, pair, context);
}

/** Compares what is comparable and not proven equal: whether a sync would leave the live object as it is. */
export async function comparePair(
  tools: CompareTools,
  pair: ComparablePair,
  context: CompareContext,
): Promise<Comparison> {
  const options = { ...context, ...managersOf(context) };
  return concluded(tools, pair, await predict(tools.client, pair.desired, pair.live, options), context);
}

/** What a prediction comes to under the rules of the application. */
async function concluded(
  { jq }: Pick<CompareTools, 'jq'>,
  { desired, live }: ComparablePair,
  prediction: Prediction,
  context: CompareContext,
): Promise<Comparison> {
  const rules = rulesFor(desired, context.rules);
  const sides = normalizePair({ predicted: prediction.predicted, live }, rules);
  const reason = prediction.reason === undefined ? {} : { reason: prediction.reason };
  const expressions = rules.jqPathExpressions;
  // What is equal stays so whatever is left out of both.
  if (expressions.length === 0 || isUnchanged(sides.live, sides.predicted)) return judged(sides, reason);
  const [predicted, current] = await Promise.all([
    jq.remove(sides.predicted, expressions),
    jq.remove(sides.live, expressions),
  ]);
  return judged({ predicted, live: current }, reason);
}

function judged(
  { predicted, live }: { readonly predicted: Manifest; readonly live: Manifest },
  reason: { readonly reason?: string },
): Comparison {
  return { changed: !isUnchanged(live, predicted), predicted, live, ...reason };
}

function managersOf(context: CompareContext): {
  readonly manager: string;
  readonly formerManagers: readonly string[];
} {
  return { manager: keelsonManager, formerManagers: context.takesOver ? formerManagers : ownFormerManagers };
}

/** Why an application can't be compared at all: a jq expression that can't be run. */
export async function contextFault(
  jq: Pick<Jq, 'faultOf'>,
  { rules }: Pick<CompareContext, 'rules'>,
): Promise<string | undefined> {
  for (const named of jqExpressions(rules)) {
    const fault = await jq.faultOf(named.expression);
    if (fault !== undefined) return formatJqFault(named, fault);
  }
  return undefined;
}
