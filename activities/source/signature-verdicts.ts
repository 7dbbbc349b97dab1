import { createHash } from 'node:crypto';
import { type ByteCache, createByteCache } from '../../core/byte-cache.ts';
import { formatJson } from '../../core/object/json/json.ts';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import type { Git, SignatureVerdict } from '../git/git.ts';

/** A signature to be judged by these armored keys. */
export type Question = {
  readonly access: RepositoryAccess;
  readonly sha: string;
  /** The ref that led to the commit, which counts where it is an annotated tag. */
  readonly ref: string | undefined;
  readonly keys: readonly string[];
};

type Known = { readonly verdict: Promise<SignatureVerdict>; readonly until: number };

/** A key expires by the clock, so no verdict is for good. */
const lastsMilliseconds = 10 * 60 * 1000;
const knownBytes = 4 * 1024 * 1024;
/** A verdict names a key and its owner. */
const verdictBytes = 1000;
const known = new WeakMap<Git, ByteCache<Known>>();

/** What is said of a signature; the applications of one commit cost one look. Other keys are another question. */
export async function verdictOf(git: Git, { access, sha, ref, keys }: Question): Promise<SignatureVerdict> {
  const verdicts = known.get(git) ?? createByteCache<Known>(knownBytes);
  known.set(git, verdicts);
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
}
