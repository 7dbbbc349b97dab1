import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { productFolders, sourceFiles } from '../support/check/source-files.ts';

/** About fifteen files, which is what a listing shows at a glance; their tests beside them aside. */
const most = 16;

describe('folders', () => {
  it('hold no more files of one level than a listing shows at a glance', () => {
    const counts = new Map<string, number>();
    for (const file of sourceFiles([...productFolders, 'bench', 'test'])) {
      counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    }
    expect(counts.size).toBeGreaterThan(150);
    expect([...counts].filter(([, count]) => count > most)).toEqual([]);
  });
});
