/** A full id of a GnuPG key, or its fingerprint, which ends in the id. */
const idForm = /^(?:0x)?(?:[0-9a-f]{24})?([0-9a-f]{16})$/i;

/**
 * The ids of the GnuPG keys by one of which what a project deploys from Git has to be signed, in upper case; undefined
 * where it demands none. What can't be read is a demand that no key meets, not the absence of one.
 */
export function demandedKeys(spec: Readonly<Record<string, unknown>> | undefined): string[] | undefined {
  const keys = spec?.['signatureKeys'];
  if (keys === undefined || keys === null) return undefined;
  if (!Array.isArray(keys)) return [];
  if (keys.length === 0) return undefined;
  return keys.flatMap((key: unknown) => {
    const id = typeof key === 'object' && key !== null && 'keyID' in key ? key.keyID : undefined;
    const [, digits] = typeof id === 'string' ? (idForm.exec(id.trim()) ?? []) : [];
    return digits === undefined ? [] : [digits.toUpperCase()];
  });
}
