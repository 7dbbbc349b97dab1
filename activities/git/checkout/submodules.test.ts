import { describe, expect, it } from 'vitest';
import { parseModules, resolveAddress } from './submodules.ts';

describe('activities/git/submodules', () => {
  it.each([
    ['https://host/team/repo.git', '../lib.git', 'https://host/team/lib.git'],
    ['https://host/team/repo/', '../../other/lib', 'https://host/other/lib'],
    ['https://host/team/repo', './nested', 'https://host/team/repo/nested'],
    ['https://host/team', '../../../lib', 'https://host/lib'],
    ['git@host:team/repo.git', '../lib.git', 'git@host:team/lib.git'],
    ['git@host:team/repo.git', '../../lib.git', 'git@host:lib.git'],
    ['ssh://git@host:22/team/repo', '../lib/', 'ssh://git@host:22/team/lib'],
    ['https://host/team/repo', 'https://elsewhere/lib', 'https://elsewhere/lib'],
    ['https://host/team/repo', 'git@elsewhere:lib', 'git@elsewhere:lib'],
  ])('resolves for %s the address %s', (base, address, resolved) => {
    expect(resolveAddress(base, address)).toBe(resolved);
  });

  it('reads directories, addresses and updates, with dots in names, and leaves out what has no directory', () => {
    const listed = [
      'submodule.a.b/c.path\nvendor/a',
      'submodule.a.b/c.url\n../a.git',
      'submodule.a.b/c.branch\nmain',
      'submodule.half.path\nvendor/half/',
      'submodule.half.update\nnone',
      'submodule.nowhere.url\n../b.git',
      'core.sshcommand\nid',
      '',
    ].join('\0');
    expect(parseModules(listed)).toEqual(
      new Map([
        ['vendor/a', { url: '../a.git' }],
        ['vendor/half', { update: 'none' }],
      ]),
    );
  });
});
