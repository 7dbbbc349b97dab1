import { KeelsonError } from '../../../core/errors.ts';
import type { Mirror } from '../mirror/mirror.ts';
import { type GitSetting, runGit } from '../run/command.ts';
import type { Signed } from './signature.ts';

const tags = 'refs/tags/';

/** The annotated tag that a ref names, if it does and leads to the commit; a lightweight tag has no object. */
export async function tagObject(
  setting: GitSetting,
  mirror: Mirror,
  ref: string | undefined,
  sha: string,
  signal: AbortSignal | undefined,
): Promise<Signed | undefined> {
  if (ref?.startsWith(tags) !== true) return undefined;
  await mirror.fetchRef(ref, signal);
  const read = async (revision: string): Promise<string> => {
    const args = ['rev-parse', '--verify', '--quiet', revision];
    return (await runGit(setting, { args, cwd: mirror.dir, signal })).stdout.trim();
  };
  const [oid, commit] = [await read(ref), await read(`${ref}^{commit}`)];
  if (commit !== sha) {
    throw new KeelsonError(
      'revision-not-found',
      `tag ${ref.slice(tags.length)} no longer leads to ${sha} but to ${commit}; refresh the application`,
      { retryable: true },
    );
  }
  return oid === commit ? undefined : { kind: 'tag', oid, name: ref.slice(tags.length) };
}
