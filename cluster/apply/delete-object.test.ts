import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sourceFiles } from '../../test/support/check/source-files.ts';

/** Where objects of clusters are written. */
const folders = ['activities', 'api', 'bin', 'cluster', 'control', 'engine', 'workflows'];

const sources = sourceFiles(folders);

const ofOwnKinds = [
  'activities/home/deletion/release.ts',
  'bin/operator/operate-backups.ts',
  'control/application/store/object-store.ts',
  'control/project/object-projects.ts',
  'control/settings/write/change-object.ts',
];

describe('cluster/delete-object', () => {
  it('is the only place that deletes an object of an application', () => {
    const call = /\b(?:client|cluster)\.delete\([^;]*;/;
    const deletes = sources.flatMap((path) => {
      const [found] = call.exec(readFileSync(path, 'utf8')) ?? [];
      return found === undefined || path === 'cluster/apply/delete-object.ts' ? [] : [{ path, found }];
    });
    expect(sources.length).toBeGreaterThan(100);
    // Objects that tell of applications, projects and settings go where somebody asks for just that, and never their successors.
    expect(deletes.map(({ path }) => path)).toEqual(ofOwnKinds);
    for (const { found } of deletes) expect(found).toMatch(/\{ uid\b/);
  });
});
