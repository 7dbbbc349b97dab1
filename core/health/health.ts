import type { HealthStatus } from '../application/words.ts';
import type { Manifest } from '../object/manifest/manifest.ts';

/**
 * Health of one object, with a reason where the word alone does not say it. The empty status is that of a script that
 * answered nothing: it lowers no application, but it is not healthy either, so a sync waits for it.
 */
export type ObjectHealth = { readonly status: HealthStatus | ''; readonly message?: string };

/** Judges a live object of one kind. */
export type HealthRule = (live: Manifest) => ObjectHealth;

/** Judges any live object; undefined for kinds that have no health. */
export type HealthAssessor = (live: Manifest) => ObjectHealth | undefined;

/** A health as it is shown: an empty status is not. */
export function shownHealth(
  found: ObjectHealth | undefined,
): (ObjectHealth & { readonly status: HealthStatus }) | undefined {
  if (found === undefined || found.status === '') return undefined;
  return { ...found, status: found.status };
}

/** A health with its message, left out when empty. */
export function health(status: HealthStatus, message = ''): ObjectHealth {
  return message === '' ? { status } : { status, message };
}
