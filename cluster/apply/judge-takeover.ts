import { type FormerOwners, withoutFormerFields } from '../../core/diff/fields/former-fields.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import type { WriteOptions } from '../request/calls.ts';
import type { ClusterClient } from '../request/client.ts';
import { tryMerge } from './client-side-apply.ts';

/**
 * What becomes of the fields that former managers own and a manifest doesn't have. `none`: there are none; `go`: the
 * API server lets those of the given owners go; `stay`: it doesn't, and no manifest is known to have had them, so they
 * stay with their owners, as `kubectl apply` leaves them.
 */
export type TakeoverJudgement =
  | { readonly fate: 'none' }
  | {
      readonly fate: 'go';
      readonly owners: FormerOwners;
      readonly predicted: Manifest;
      /** Why those of other former managers stay. */
      readonly refusal?: KeelsonError;
    }
  | { readonly fate: 'stay'; readonly refusal: KeelsonError };

/** Who takes over, and from whom. */
export type Heir = { readonly manager: string; readonly formerManagers: readonly string[] };

/**
 * Asks the API server, before anybody's ownership is touched, whether it would take the object as the manifest has it
 * and without the former managers' other fields. A field that a manifest had and that may not go is a refusal of the
 * manifest: it is thrown.
 */
export async function judgeTakeover(
  client: Pick<ClusterClient, 'patch'>,
  manifest: Manifest,
  live: Manifest,
  { heir, call }: { readonly heir: Heir; readonly call: WriteOptions },
): Promise<TakeoverJudgement> {
  const { manager, formerManagers } = heir;
  const all: FormerOwners = { formerManagers };
  if (withoutFormerFields(manifest, live, { manager, ...all }) === undefined) return { fate: 'none' };
  const refusal = await tried(all);
  if (!(refusal instanceof KeelsonError)) return { fate: 'go', owners: all, predicted: refusal };
  const declared: FormerOwners = { formerManagers, declaredOnly: true };
  if (withoutFormerFields(manifest, live, { manager, ...declared }) === undefined) {
    return { fate: 'stay', refusal };
  }
  const rest = await tried(declared);
  if (rest instanceof KeelsonError) throw rest;
  return { fate: 'go', owners: declared, predicted: rest, refusal };

  /** The object as it would become, or why it can't. */
  async function tried(owners: FormerOwners): Promise<Manifest | KeelsonError> {
    try {
      return await tryMerge(client, manifest, live, { ...call, manager, owners });
    } catch (error) {
      if (!(error instanceof KeelsonError) || error.retryable) throw error;
      return error;
    }
  }
}
