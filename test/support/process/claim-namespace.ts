import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Takes a namespace of a shared cluster for a test file, for as long as the cluster runs; throws where another file has
 * it. Applications of two installations that have one name and one namespace take each other's objects for their own, and
 * each then waits for what the other does: now and then, for a long time, and never where the fault is.
 */
export function claimNamespace(kubeconfigPath: string, namespace: string, file: string): void {
  const folder = `${kubeconfigPath}.namespaces`;
  mkdirSync(folder, { recursive: true });
  const claim = join(folder, namespace);
  try {
    writeFileSync(claim, file, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const owner = readFileSync(claim, 'utf8');
    // Empty for the moment between the making of the file and its words.
    if (owner === file || owner === '') return;
    throw new Error(
      `namespace ${namespace} is ${owner}'s, and ${file} deploys to it on the same cluster: give it another name`,
    );
  }
}
