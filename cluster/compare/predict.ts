import { withoutFormerFields } from '../../core/diff/fields/former-fields.ts';
import { carryRemovals } from '../../core/diff/predict/carry-removals.ts';
import { predictLocally } from '../../core/diff/predict/three-way.ts';
import { withoutWebhookChanges } from '../../core/diff/predict/webhook-changes.ts';
import { withoutDroppedZeros } from '../../core/diff/rules/dropped-zeros.ts';
import { canonicalValues } from '../../core/diff/rules/known-types.ts';
import { KeelsonError } from '../../core/errors.ts';
import { keelsonManager } from '../../core/object/managers.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { ownField } from '../../core/own-field.ts';
import { tryMerge } from '../apply/client-side-apply.ts';
import { judgeTakeover } from '../apply/judge-takeover.ts';
import { isInvalid } from '../apply/recreate-object.ts';
import { hasUnservedOwners, isServerFault } from '../discovery/unserved-versions.ts';
import type { ClusterClient } from '../request/client.ts';

/** The requests that a prediction makes. */
export type Predictor = Pick<ClusterClient, 'applyServerSide' | 'discover' | 'get' | 'patch'>;

/** A live object as a sync would leave it. */
export type Prediction = {
  readonly predicted: Manifest;
  /** Why the API server couldn't tell; the prediction is made without it then. */
  readonly reason?: string;
};

export type PredictOptions = {
  readonly asksServer: boolean;
  readonly includesWebhooks: boolean;
  readonly formerManagers: readonly string[];
};

/** Asks the API server what applying a manifest would make of a live object of its version; nothing is stored. */
export async function predict(
  client: Predictor,
  desired: Manifest,
  live: Manifest,
  options: PredictOptions,
): Promise<Prediction> {
  if (!options.asksServer) return { predicted: predictAlone(desired, live) };
  try {
    const applied = await client.applyServerSide(desired, tried);
    const predicted = options.includesWebhooks
      ? applied
      : withoutWebhookChanges(applied, live, keelsonManager);
    return await withTakeover(client, desired, live, predicted, options);
  } catch (error) {
    const unserved = isServerFault(error) && (await hasUnservedOwners(client, live));
    if (!(error instanceof KeelsonError) || (error.retryable && !unserved)) throw error;
    const merges = unserved || isInvalid(error);
    const merged = await predictMerge(client, desired, live, { ...options, merges });
    return merged === undefined
      ? { predicted: predictAlone(desired, live), reason: error.message }
      : { predicted: merged };
  }
}

/** The prediction without the API server, of values as it would write them. */
function predictAlone(desired: Manifest, live: Manifest): Manifest {
  return predictLocally(withoutDroppedZeros(canonicalValues(desired)), live, keelsonManager);
}

const tried = { dryRun: true, force: true, fieldValidation: 'Ignore' } as const;

/**
 * What a sync makes of an object that a plain apply would be refused for: it takes fields over with the same step, or
 * merges what only a merge can bring about. Undefined where that would be refused as well, or isn't tried.
 */
async function predictMerge(
  client: Predictor,
  desired: Manifest,
  live: Manifest,
  { formerManagers, merges }: PredictOptions & { readonly merges: boolean },
): Promise<Manifest | undefined> {
  const owner = { manager: keelsonManager, formerManagers };
  if (!merges && withoutFormerFields(desired, live, owner) === undefined) return undefined;
  try {
    return await tryMerge(client, desired, live, { ...tried, manager: keelsonManager, owners: owner });
  } catch (error) {
    // Safe: the refusal of the plain apply is what is shown.
    if (!(error instanceof KeelsonError) || error.retryable) throw error;
    return undefined;
  }
}

/**
 * A dry run of the apply keeps what former managers own, while the sync takes it over and so removes what is not in
 * the manifest. What the API server would fill in again by default is told by a dry run of that removal. Where it is
 * refused, the sync asks for less; what it does then is predicted.
 */
async function withTakeover(
  client: Predictor,
  desired: Manifest,
  live: Manifest,
  predicted: Manifest,
  { formerManagers }: PredictOptions,
): Promise<Prediction> {
  const heir = { manager: keelsonManager, formerManagers };
  const pruned = withoutFormerFields(desired, live, heir);
  if (pruned === undefined) return { predicted };
  try {
    const settled = await client.patch(live.apiVersion, keyOf(live), replacements(live, pruned), 'json', {
      dryRun: true,
      fieldValidation: 'Ignore',
    });
    return { predicted: carryRemovals(predicted, { live, pruned, settled }) };
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.retryable) throw error;
  }
  try {
    const judgement = await judgeTakeover(client, desired, live, { heir, call: tried });
    return { predicted: judgement.fate === 'go' ? judgement.predicted : predicted };
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.retryable) throw error;
    // Git has given up what may not go: a difference that no sync mends.
    return { predicted: carryRemovals(predicted, { live, pruned, settled: pruned }), reason: error.message };
  }
}

type Operation =
  | { readonly op: 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** The fields that differ, as one JSON patch; metadata is patched field by field, as not all of it may be written. */
function replacements(live: Manifest, pruned: Manifest): Operation[] {
  return [
    ...changes('/metadata', live.metadata, pruned.metadata),
    ...changes('', { ...live, metadata: undefined }, { ...pruned, metadata: undefined }),
  ];
}

function changes(
  path: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Operation[] {
  return Object.keys(before).flatMap((name): Operation[] => {
    if (ownField(before, name) === ownField(after, name) || name === 'managedFields') return [];
    const at = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [
      ownField(after, name) === undefined
        ? { op: 'remove', path: at }
        : { op: 'replace', path: at, value: ownField(after, name) },
    ];
  });
}
