import { KeelsonError } from '../errors.ts';
import { formatKey } from '../object/key.ts';
import { keyOf, type Manifest } from '../object/manifest/manifest.ts';
import { formatOverrideKey } from '../settings/overrides/override-key.ts';
import type { ResourceOverride } from '../settings/settings.ts';

/** What a script answered, or why it has no answer. */
export type ScriptAnswer =
  | { readonly ok: true; readonly value?: unknown }
  | { readonly ok: false; readonly message: string };

/** Runs an action's script; actions never get open libraries. */
export type RunScript = (script: {
  readonly name: string;
  readonly script: string;
  readonly globals: Readonly<Record<string, unknown>>;
}) => Promise<ScriptAnswer> | ScriptAnswer;

/** A failure of an installation's own script: the object it ran on, what is wrong, and the place to correct. */
export function scriptError(live: Manifest, override: ResourceOverride, why: string): KeelsonError {
  const place = `correct resource.customizations.actions of ${formatOverrideKey(override)}`;
  return new KeelsonError('precondition-failed', `${formatKey(keyOf(live))}: ${why}; ${place}`);
}
