import { carryRemovals } from '../core/diff/carry-removals.ts';
import { withoutFormerFields } from '../core/diff/former-fields.ts';
import { predictLocally } from '../core/diff/three-way.ts';
import { withoutWebhookChanges } from '../core/diff/webhook-changes.ts';
import { KeelsonError } from '../core/errors.ts';
import { keyOf, type Manifest } from '../core/object/manifest.ts';
import type { ClusterClient } from './client.ts';
import { keelsonManager } from './write-objects.ts';

/** The requests that a prediction makes. */
export type Predictor = Pick<ClusterClient, 'get' | 'applyServerSide' | 'patch'>;

/** A live object as a sync would leave it. */
export type Prediction = {
  readonly predicted: Manifest;
  /** The live object in the version of the manifest. */
  readonly live: Manifest;
  /** Why the API server couldn't tell; the prediction is made without it then. */
  readonly reason?: string;
};

export type PredictOptions = {
  readonly asksServer: boolean;
  readonly includesWebhooks: boolean;
  readonly formerManagers: readonly string[];
};

/** Asks the API server what applying a manifest would make of a live object; nothing is stored. */
export async function predict(
  client: Predictor,
  desired: Manifest,
  live: Manifest,
  options: PredictOptions,
): Promise<Prediction> {
  const current = await inVersion(client, desired, live);
  if (!options.asksServer)
    return { predicted: predictLocally(desired, current, keelsonManager), live: current };
  try {
    const applied = await client.applyServerSide(desired, {
      dryRun: true,
      force: true,
      fieldValidation: 'Ignore',
    });
    const predicted = options.includesWebhooks
      ? applied
      : withoutWebhookChanges(applied, current, keelsonManager);
    return { predicted: await withTakeover(client, desired, current, predicted, options), live: current };
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.retryable) throw error;
    return {
      predicted: predictLocally(desired, current, keelsonManager),
      live: current,
      reason: error.message,
    };
  }
}

/** The cache holds one version of a kind; a manifest may be written in another one. */
async function inVersion(client: Predictor, desired: Manifest, live: Manifest): Promise<Manifest> {
  if (live.apiVersion === desired.apiVersion) return live;
  return (await client.get(desired.apiVersion, keyOf(live))) ?? live;
}

/**
 * A dry run of the apply keeps what former managers own, while the sync takes it over and so removes what is not in
 * the manifest. What the API server would fill in again by default is told by a dry run of that removal.
 */
async function withTakeover(
  client: Predictor,
  desired: Manifest,
  live: Manifest,
  predicted: Manifest,
  { formerManagers }: PredictOptions,
): Promise<Manifest> {
  const pruned = withoutFormerFields(desired, live, { manager: keelsonManager, formerManagers });
  if (pruned === undefined) return predicted;
  const settled = await client.patch(live.apiVersion, keyOf(live), replacements(live, pruned), 'json', {
    dryRun: true,
    fieldValidation: 'Ignore',
  });
  return carryRemovals(predicted, { live, pruned, settled });
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
    if (before[name] === after[name] || name === 'managedFields') return [];
    const at = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [
      after[name] === undefined
        ? { op: 'remove', path: at }
        : { op: 'replace', path: at, value: after[name] },
    ];
  });
}
