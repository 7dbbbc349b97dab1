import type { SignatureVerdict } from '../git/git.ts';

/** What a signature is held against. */
export type SignatureDemand = {
  readonly project: string;
  /** Ids of the keys, one of which has to have signed. */
  readonly demanded: readonly string[];
  readonly revision: string;
  readonly url: string;
};

/** Why a verdict doesn't meet what a project demands, with the remedy; undefined where it does. */
export function refusalOf(
  { result, keyId = '', cipher = 'unknown', message }: SignatureVerdict,
  { project, demanded, revision, url }: SignatureDemand,
): string | undefined {
  const sign = `sign the commit or tag in ${url} with a key of project "${project}"`;
  switch (result) {
    case 'Good':
      if (demanded.includes(keyId)) return undefined;
      return `Found good signature made with ${cipher} key ${keyId}, but this key is not allowed in AppProject; add it to the signature keys of project "${project}", or ${sign}`;
    case 'Invalid':
      return `Found signature made with ${cipher} key ${keyId}, but verification result was invalid: '${message}'; ${sign}`;
    case 'None':
      return `Target revision ${revision} in Git is not signed, but a signature is required; ${sign}`;
    case 'Unknown':
      return `Could not verify commit signature on revision '${revision}': ${message}; register the key that signed (keelson gpg add), or ${sign}`;
    case 'Bad':
      return `Could not verify commit signature on revision '${revision}': ${message}; it is not what was signed, ${sign} anew`;
  }
}
