import { describe, expect, it } from 'vitest';
import { expandPathGlob, isPathGlob, type PathEntry, pathGlobPattern } from './path-glob.ts';

const paths = [
  'a.yaml',
  'b.yml',
  'envs/b.yaml',
  'envs/a/a.yaml',
  'envs/a/deep/z.yaml',
  'envs/c/a.yaml',
  'envs/.hidden.yaml',
  'linked/x.yaml',
];

/** A folder of the paths above; `linked` is a symlink. */
async function list(folder: string): Promise<PathEntry[]> {
  const below = paths.filter((path) => folder === '' || path.startsWith(`${folder}/`));
  const names = new Map<string, PathEntry>();
  for (const path of below) {
    const [name = '', ...rest] = path.slice(folder === '' ? 0 : folder.length + 1).split('/');
    names.set(name, { name, kind: rest.length === 0 ? 'file' : 'folder', linked: name === 'linked' });
  }
  return [...names.values()].reverse();
}

describe('core/path-glob', () => {
  it.each<[string, string[]]>([
    ['*.yaml', ['a.yaml']],
    ['?.y*ml', ['a.yaml', 'b.yml']],
    ['{a,b}.{yaml,yml}*', ['a.yaml', 'b.yml']],
    ['envs/*', ['envs/.hidden.yaml', 'envs/b.yaml']],
    ['envs/*/a.yaml', ['envs/a/a.yaml', 'envs/c/a.yaml']],
    ['envs/[!a]/*.yaml', ['envs/c/a.yaml']],
    [
      'envs/**/*.yaml',
      ['envs/.hidden.yaml', 'envs/b.yaml', 'envs/a/a.yaml', 'envs/a/deep/z.yaml', 'envs/c/a.yaml'],
    ],
    ['envs/a/**', ['envs/a/a.yaml', 'envs/a/deep/z.yaml']],
    ['./envs//c/*', ['envs/c/a.yaml']],
    ['**/x.yaml', []],
    ['linked/*.yaml', ['linked/x.yaml']],
    ['envs/[z-a]*', []],
    ['a.yaml/*', []],
    ['nowhere/*', []],
  ])('expands %s', async (glob, expected) => {
    expect(await expandPathGlob(glob, list)).toEqual(expected);
  });

  it('looks at each folder once for each part, however many ways lead there', async () => {
    const depth = 40;
    let listed = 0;
    const deep = async (folder: string): Promise<PathEntry[]> => {
      listed += 1;
      return folder.split('/').length < depth ? [{ name: 'd', kind: 'folder', linked: false }] : [];
    };
    const glob = '**/d/**/d/**/d/**/d/**/x';
    expect(await expandPathGlob(glob, deep)).toEqual([]);
    expect(listed).toBeLessThan(10 * depth);
    expect(pathGlobPattern(glob).test(Array.from({ length: 1000 }, () => 'd').join('/'))).toBe(false);
  });

  it.each([
    ['a.yaml', false],
    ['{a,b}.yaml', false],
    ['a*.yaml', true],
    ['a?', true],
    ['[a]', true],
  ])('knows whether %s is a pattern', (path, expected) => {
    expect(isPathGlob(path)).toBe(expected);
  });
});
