import { describe, expect, it } from 'vitest';
import { holderWords, type OrphanReport, orphanCount, orphanWords } from './deletion.ts';

const orphan = (name: string, held: object = {}) => ({
  key: { group: '', kind: 'ConfigMap', namespace: 'prod', name },
  finalizers: ['example.com/held'],
  ...held,
});
const report = (change: Partial<OrphanReport>): OrphanReport => ({
  at: '2026-01-01T00:00:00Z',
  cluster: 'east',
  source: 'cluster',
  objects: [],
  more: 0,
  ...change,
});

describe('core/sync/deletion', () => {
  it.each<[string, Partial<OrphanReport>]>([
    ['no object remains in cluster east', {}],
    ['1 object remains in cluster east: ConfigMap prod/a', { objects: [orphan('a')] }],
    [
      '1 object remains in cluster east: ConfigMap prod/a (held by finalizer example.com/held)',
      { objects: [orphan('a', { deletionTimestamp: 'now' })] },
    ],
    [
      '14 objects remain in cluster east, as far as known without asking it: ConfigMap prod/a, ConfigMap prod/b, ConfigMap prod/c and 11 more',
      { source: 'last-known', objects: ['a', 'b', 'c', 'd'].map((name) => orphan(name)), more: 10 },
    ],
  ])('says "%s"', (words, change) => {
    expect(orphanWords(report(change))).toBe(words);
  });

  it('counts what it does not list', () => {
    expect(orphanCount(report({ objects: [orphan('a')], more: 2 }))).toBe(3);
  });

  it.each([
    ['', []],
    ['held by objects that it owns and that are still being deleted', ['foregroundDeletion']],
    ['held by finalizer a', ['foregroundDeletion', 'a']],
    ['held by finalizers a, b', ['a', 'b']],
  ])('tells who holds an object: "%s"', (words, finalizers) => {
    expect(holderWords(finalizers)).toBe(words);
  });
});
