import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A cluster that test files share, and the one of them that asks. */
export type Claimant = { readonly kubeconfigPath: string; readonly file: string };

/**
 * Takes a namespace or the name of an application of a shared cluster for a test file, for as long as the cluster runs;
 * throws where another file has it. The objects of two installations whose applications have one name carry the same
 * marks: each takes the other's for its own, and waits for what the other does, or for somebody to confirm that they are
 * its own: now and then, for a long time, and never where the fault is.
 */
export function claim(
  { kubeconfigPath, file }: Claimant,
  what: 'application' | 'namespace',
  name: string,
): void {
  const folder = `${kubeconfigPath}.${what}s`;
  mkdirSync(folder, { recursive: true });
  const record = join(folder, name);
  try {
    writeFileSync(record, file, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const owner = readFileSync(record, 'utf8');
    // Empty for the moment between the making of the file and its words.
    if (owner === file || owner === '') return;
    throw new Error(
      `${what} ${name} is ${owner}'s, and ${file} wants it on the same cluster: give it another name`,
    );
  }
}
