import { describe, expect, it } from 'vitest';
import { pathsWithin, selectPaths } from './paths.ts';
import type { TreeEntry } from './tree.ts';

const tree: TreeEntry[] = [
  ['.gitattributes', 'blob'],
  ['.gitmodules', 'blob'],
  ['apps', 'tree'],
  ['apps/.gitattributes', 'blob'],
  ['apps/one', 'tree'],
  ['apps/one/a.yaml', 'blob'],
  ['apps/one-more.yaml', 'blob'],
  ['vendor', 'tree'],
  ['vendor/lib', 'commit'],
].map(([path = '', type = '']) => ({ path, type: type as TreeEntry['type'], mode: '', oid: path }));

const chosen = (paths: readonly string[] | undefined) => {
  const { blobs, submodules, pathspecs } = selectPaths(tree, paths);
  return {
    blobs: blobs.map(({ path }) => path),
    submodules: submodules.map(({ path }) => path),
    pathspecs: pathspecs === undefined ? undefined : [...pathspecs].sort(),
  };
};

describe('activities/git/paths', () => {
  it.each([[undefined], [['.']], [['apps', '/']]])('selects everything for %j', (paths) => {
    const all = chosen(paths);
    expect(all.blobs).toHaveLength(5);
    expect(all.submodules).toEqual(['vendor/lib']);
    expect(all.pathspecs).toBeUndefined();
  });

  it('selects a directory with the attributes above it, and no neighbour whose name begins alike', () => {
    const blobs = ['.gitattributes', 'apps/.gitattributes', 'apps/one/a.yaml'];
    expect(chosen(['./apps/one/'])).toEqual({
      blobs,
      submodules: [],
      pathspecs: ['.gitattributes', 'apps/.gitattributes', 'apps/one'],
    });
  });

  it('selects nothing for what is not there or leads out', () => {
    expect(chosen(['nowhere', '../../etc'])).toEqual({ blobs: [], submodules: [], pathspecs: [] });
  });

  it('selects a submodule by its directory, by one above and by a path inside', () => {
    expect(chosen(['vendor']).submodules).toEqual(['vendor/lib']);
    expect(chosen(['vendor/lib']).submodules).toEqual(['vendor/lib']);
    expect(chosen(['vendor/lib/x/y.yaml'])).toMatchObject({ submodules: ['vendor/lib'], pathspecs: [] });
    expect(chosen(['vendor/library']).submodules).toEqual([]);
  });

  it('tells which paths inside a submodule are wanted', () => {
    expect(pathsWithin('vendor/lib', undefined)).toBeUndefined();
    expect(pathsWithin('vendor/lib', ['vendor'])).toBeUndefined();
    expect(pathsWithin('vendor/lib', ['apps', 'vendor/lib/x', 'vendor/lib/y/'])).toEqual(['x', 'y']);
  });
});
