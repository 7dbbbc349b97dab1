import type { Manifest } from '../object/manifest/manifest.ts';

/** What Kubernetes takes as the value of a label, which pods get from the name of their Job or Workflow. */
const longestLabel = 63;

/**
 * A name for an object made from another at a time, unique to the minute as a person presses a button once; years
 * are of two digits. It is cut to what a label holds, which the longest name of a CronJob, of 52, then just fits.
 */
export function derivedName(live: Manifest, now: string): string {
  const minute = now.replace(/\D/g, '').slice(2, 12);
  return `${(live.metadata.name ?? '').slice(0, longestLabel - minute.length - 1)}-${minute}`;
}

/** The owner reference to an object, which takes what it owns with it when it is deleted. */
export function ownedBy({ apiVersion, kind, metadata }: Manifest) {
  return [{ apiVersion, kind, name: metadata.name ?? '', uid: metadata.uid ?? '' }];
}

/** The owner reference to the controller of an object, which counts it among its own. */
export function controlledBy(live: Manifest) {
  return ownedBy(live).map((owner) => ({ ...owner, blockOwnerDeletion: true, controller: true }));
}
