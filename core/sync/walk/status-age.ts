import { isFields } from '../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';

/**
 * How long after a write a bad status from before it doesn't count: controllers that poll, such as that of
 * HorizontalPodAutoscalers every 15 s, have looked again by then.
 */
const graceMilliseconds = 30_000;

/** When a group of objects was last written, and when it is looked at, both in milliseconds since 1970. */
export type WriteAge = { readonly writtenAt: number; readonly now: number };

/**
 * Whether a live object's status may be of what stood before a write: nothing of it was told since, and its controller
 * has not had the time to look again. An object that tells no times is taken as it stands.
 */
export function isFromBefore(live: Manifest, { writtenAt, now }: WriteAge): boolean {
  if (now - writtenAt >= graceMilliseconds) return false;
  const told = lastTold(live);
  // Kubernetes tells whole seconds.
  return told !== undefined && told < Math.floor(writtenAt / 1000) * 1000;
}

/** When something of an object's status was last told: by a write of its status, or by one of its conditions. */
function lastTold({ metadata, status }: Manifest): number | undefined {
  const written = listOf(metadata.managedFields).filter((entry) => entry['subresource'] === 'status');
  const conditions = isFields(status) ? listOf(status['conditions']) : [];
  const times = [
    ...written.map((entry) => entry['time']),
    ...conditions.flatMap((condition) => [condition['lastTransitionTime'], condition['lastUpdateTime']]),
  ]
    .map((time) => (typeof time === 'string' ? Date.parse(time) : Number.NaN))
    .filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : Math.max(...times);
}

function listOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}
