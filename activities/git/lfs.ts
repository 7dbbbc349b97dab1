import type { GitCommand } from './command.ts';
import type { Remote } from './remote.ts';

/**
 * What a checkout needs to replace LFS pointers by their files: the filters, which nothing else configures, and the
 * mirror's own store, so that an object is downloaded once.
 */
export function lfsRun(
  remote: Remote,
  mirrorDir: string,
): Pick<GitCommand, 'configuration' | 'remote' | 'variables'> {
  return {
    remote,
    configuration: {
      'filter.lfs.process': 'git-lfs filter-process',
      'filter.lfs.smudge': 'git-lfs smudge -- %f',
      'filter.lfs.clean': 'git-lfs clean -- %f',
      'filter.lfs.required': 'true',
      'lfs.storage': `${mirrorDir}/lfs`,
      'remote.origin.url': remote.url,
    },
    variables: { GIT_LFS_SKIP_SMUDGE: '0' },
  };
}
