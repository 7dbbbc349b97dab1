import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sourceFiles } from '../../test/support/check/source-files.ts';

/** Where objects of clusters are written. */
const folders = ['activities', 'api', 'bin', 'cluster', 'control', 'engine', 'workflows'];

const sources = sourceFiles(folders);

describe('cluster/delete-object', () => {
  it('is the only place that deletes an object', () => {
    const deletes = sources.filter((path) => /\b(client|cluster)\.delete\(/.test(readFileSync(path, 'utf8')));
    expect(sources.length).toBeGreaterThan(100);
    expect(deletes).toEqual(['cluster/apply/delete-object.ts']);
  });
});
