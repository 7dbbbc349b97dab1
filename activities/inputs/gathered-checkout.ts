import { formatJson } from '../../core/object/json/json.ts';
import type { Checkout, Git } from '../git/git.ts';
import type { Batch } from '../git/memory.ts';
import type { CommitSource } from './commit-tree.ts';

/**
 * Checks out files of a commit, together with what others want of the same commit while a checkout of it is being made:
 * a hundred renders that begin at once cost a few runs of Git, not a hundred.
 */
export async function checkoutTogether(
  git: Git,
  source: CommitSource,
  paths: readonly string[],
): Promise<Checkout> {
  const key = formatJson([source.access.url, source.access.credentials, source.sha]);
  const batch = git.memory.checkouts.next.get(key) ?? open(git, source, key);
  for (const path of paths) batch.paths.add(path);
  batch.users += 1;
  const { path, release } = await batch.checkout;
  return {
    path,
    release: async () => {
      batch.users -= 1;
      if (batch.users === 0) await release();
    },
  };
}

function open(git: Git, source: CommitSource, key: string): Batch {
  const { running, next } = git.memory.checkouts;
  const paths = new Set<string>();
  const turn = running.get(key) ?? Promise.resolve();
  const begin = (): Promise<Checkout> => {
    next.delete(key);
    // Without the caller's signal: others wait for the same files.
    const wanted = { ...source, signal: undefined, paths: [...paths] };
    const checkout = git.checkout(wanted);
    const ended = checkout.then(
      () => undefined,
      () => undefined,
    );
    running.set(key, ended);
    void ended.then(() => {
      if (running.get(key) === ended) running.delete(key);
    });
    return checkout;
  };
  const batch = { paths, checkout: turn.then(begin), users: 0 };
  next.set(key, batch);
  return batch;
}
