import { createHash } from 'node:crypto';
import { createByteCache } from '../../core/byte-cache.ts';
import { formatJson } from '../../core/object/json/json.ts';
import { whileUsed } from '../../platform/while-used.ts';
import type { Git, SignatureVerdict } from '../git/git.ts';

type Known = { readonly verdict: Promise<SignatureVerdict>; readonly until: number };

/** A key expires by the clock, so no verdict is for good. */
const lastsMilliseconds = 10 * 60 * 1000;
const knownBytes = 4 * 1024 * 1024;
/** A verdict names a key and its owner. */
const verdictBytes = 1000;

/**
 * Git that remembers what it said of a signature: the applications of one commit cost one look. Other keys are another
 * question.
 */
export function rememberVerdicts(git: Git): Git {
  const verdicts = createByteCache<Known>(knownBytes, whileUsed);
  return {
    ...git,
    async verifySignature({ access, sha, ref, keys }) {
      const tag = ref?.startsWith('refs/tags/') ? ref : '';
      const id = createHash('sha256')
        .update(formatJson([access.url, sha, tag, keys]))
        .digest('hex');
      const last = verdicts.get(id);
      if (last !== undefined && last.until > performance.now()) return await last.verdict;
      // Without the caller's signal: others wait for the same verdict.
      const verdict = git.verifySignature({ access, sha, ref, keys });
      verdicts.set(id, { verdict, until: performance.now() + lastsMilliseconds }, verdictBytes);
      const forget = (): void => verdicts.delete(id);
      // A tag may be made anew for the same commit; one that is good needs no other.
      verdict.then(({ result }) => (tag !== '' && result !== 'Good' ? forget() : undefined), forget);
      return await verdict;
    },
  };
}
