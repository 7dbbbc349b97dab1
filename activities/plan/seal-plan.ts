import { canonicalJson } from '../../core/object/json/canonical.ts';
import type { SyncPlan } from '../../core/sync/plan/plan.ts';
import type { Keyring } from '../../platform/encryption.ts';

/** A plan as it is decided, with what people should know about it. */
export type DecidedPlan = { readonly plan: SyncPlan; readonly warnings: readonly string[] };

/** A decided plan under the digest by which it is known: the same decision has the same. */
export function sealPlan(keyring: Keyring, decided: DecidedPlan): DecidedPlan & { readonly digest: string } {
  return { ...decided, digest: keyring.digest(canonicalJson(decided.plan)) };
}
