import { describe, expect, test } from 'vitest';
import { memoryTree } from '../../test/support/render/memory-tree.ts';
import { changedPaths, touchesGeneratePaths } from './changed-paths.ts';

describe('core/render/changed-paths', () => {
  test('files that came, went, changed, or made room for a folder', () => {
    const before = memoryTree({
      same: 's',
      'a/changed': '1',
      'a/same': 's',
      'a/gone': 'g',
      file: 'f',
      'dir/x': 'x',
    });
    const after = memoryTree({
      same: 's',
      'a/changed': '2',
      'a/same': 's',
      'a/new': 'n',
      'file/in': 'i',
      dir: 'd',
    });
    expect([...changedPaths(before, after)].sort()).toEqual([
      'a/changed',
      'a/gone',
      'a/new',
      'dir',
      'dir/x',
      'file',
      'file/in',
    ]);
    expect([...changedPaths(after, after)]).toEqual([]);
  });

  const cases: readonly [annotation: string | undefined, changed: string, touched: boolean][] = [
    [undefined, 'else', true],
    ['', 'else', true],
    ['.', 'apps/web/x.yaml', true],
    ['.', 'apps/other/x.yaml', false],
    ['.;../shared', 'apps/shared/x.yaml', true],
    ['/base', 'base/x.yaml', true],
    ['/base', 'baseline/x.yaml', false],
    ['/base/*.yaml', 'base/x.yaml', true],
    ['/base/*.yaml', 'base/deep/x.yaml', false],
    ['values.yaml', 'apps/web/values.yaml', true],
    ['/', 'anything', true],
  ];
  test.each(cases)('manifest-generate-paths %j is touched by %s: %s', (annotation, changed, touched) => {
    expect(touchesGeneratePaths(annotation, 'apps/web', [changed])).toBe(touched);
  });
});
