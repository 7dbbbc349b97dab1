import type { Git } from '../git/git.ts';
import { filesOnDisk } from '../render/files/source-files.ts';
import type { SourceReader } from './reader.ts';

/** Sources in Git repositories. */
export function gitReader(git: Git): SourceReader {
  return {
    async resolve({ access, signal, revision }) {
      const { sha, ref } = await git.resolveRevision({ access, signal, revision });
      return { revision: sha, ref };
    },
    async open({ access, submodules, submodulesWithin, signal, revision: sha }) {
      const { path, release } = await git.checkout({ access, submodules, submodulesWithin, signal, sha });
      return { files: filesOnDisk(path), release };
    },
  };
}
