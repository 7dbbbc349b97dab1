import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Where objects of clusters are written. */
const folders = ['activities', 'api', 'bin', 'cluster', 'workflows'];

const sources = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => join(folder, name)),
);

describe('cluster/delete-object', () => {
  it('is the only place that deletes an object', () => {
    const deletes = sources.filter((path) => /\b(client|cluster)\.delete\(/.test(readFileSync(path, 'utf8')));
    expect(sources.length).toBeGreaterThan(100);
    expect(deletes).toEqual(['cluster/delete-object.ts']);
  });
});
