import type { Remote } from '../access/remote.ts';
import type { TreeEntry } from '../checkout/tree.ts';
import type { Mirror } from '../mirror/mirror.ts';
import { type GitCommand, type GitOutput, type GitSetting, runGit, withFailures } from '../run/command.ts';
import { type LfsGate, openLfsGate } from './gate.ts';
import { findLfsServer } from './server.ts';

/**
 * Runs a checkout in which LFS pointers are replaced by their files. An object is downloaded once into the mirror's own
 * store, and git-lfs gets it from nowhere but the gate of the run.
 */
export async function runWithLfs(
  setting: GitSetting,
  mirror: Mirror,
  remote: Remote,
  commit: { readonly sha: string; readonly entries: readonly TreeEntry[] },
  command: GitCommand,
): Promise<GitOutput> {
  const server = await findLfsServer(setting, mirror, remote, commit, command.signal);
  const gate = server === undefined ? undefined : await openLfsGate(setting, remote, server);
  try {
    const ended = await runGit(setting, {
      ...command,
      subject: `repository ${remote.url}`,
      configuration: { ...configurationFor(remote, mirror.dir, gate), ...command.configuration },
      variables: { ...command.variables, GIT_LFS_SKIP_SMUDGE: '0' },
    });
    return { ...ended, stderr: withFailures(ended.stderr, gate?.failures() ?? []) };
  } finally {
    await gate?.close();
  }
}

/** The filters, which nothing else configures, and where they look for files. */
function configurationFor(
  remote: Remote,
  mirrorDir: string,
  gate: LfsGate | undefined,
): Record<string, string> {
  return {
    'filter.lfs.process': 'git-lfs filter-process',
    'filter.lfs.smudge': 'git-lfs smudge -- %f',
    'filter.lfs.clean': 'git-lfs clean -- %f',
    'filter.lfs.required': 'true',
    'lfs.storage': `${mirrorDir}/lfs`,
    // By itself it tries eight times, with pauses of up to 10 s, whatever the answer was.
    'lfs.transfer.maxretries': '2',
    'lfs.transfer.maxretrydelay': '1',
    // Before any address that a file of the commit names.
    ...(gate === undefined ? { 'remote.origin.url': remote.url } : { 'lfs.url': gate.url }),
  };
}
