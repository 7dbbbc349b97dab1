import type { Manifest } from '../object/manifest.ts';

/** A name for an object made from another at a time, unique to the minute as a person presses a button once. */
export function derivedName(live: Manifest, now: string): string {
  return `${live.metadata.name}-${now.replace(/\D/g, '').slice(0, 12)}`;
}

/** The owner reference to an object, which takes what it owns with it when it is deleted. */
export function ownedBy({ apiVersion, kind, metadata }: Manifest) {
  return [{ apiVersion, kind, name: metadata.name ?? '', uid: metadata.uid ?? '' }];
}
