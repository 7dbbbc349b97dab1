import { describe, expect, it } from 'vitest';
import { isOutdated, mayStart } from './supersede.ts';

const sources = [{ repoURL: 'https://git.example/app', path: '.', targetRevision: 'main' }];
const newest = { revision: 'b', sources };
const live = {
  kind: 'sync',
  initiatedBy: { username: '', automated: true },
  revision: 'a',
  sources,
} as const;

describe('core/sync/supersede', () => {
  it('lets an automated sync give way to another revision, or to other sources of the same one', () => {
    expect(isOutdated(live, newest)).toBe(true);
    expect(isOutdated({ ...live, revision: 'b' }, newest)).toBe(false);
    const moved = [{ ...sources[0], repoURL: 'https://git.example/app', path: 'other' }];
    expect(isOutdated({ ...live, revision: 'b' }, { revision: 'b', sources: moved })).toBe(true);
  });

  it("never lets a person's sync or a deletion give way", () => {
    const manual = { username: 'admin', automated: false };
    expect(isOutdated({ ...live, initiatedBy: manual }, newest)).toBe(false);
    expect(isOutdated({ ...live, kind: 'delete' }, newest)).toBe(false);
  });

  const spec = { project: 'default', destination: {}, syncPolicy: { automated: {} } };
  const queued = { revision: 'b', spec, clusterId: 'c' };
  const now = { spec, deletionRequestedAt: null, clusterId: 'c', desiredRevision: 'b' };

  it('starts what was queued as long as nothing has moved on', () => {
    expect(mayStart(queued, now)).toBe(true);
  });

  it.each([
    ['automated sync was switched off', { spec: { ...spec, syncPolicy: { automated: { enabled: false } } } }],
    ['automated sync was removed', { spec: { project: 'default', destination: {} } }],
    ['the spec was changed', { spec: { ...spec, project: 'other' } }],
    ['the application is being deleted', { deletionRequestedAt: new Date(0) }],
    ['the destination moved', { clusterId: 'd' }],
    ['a still newer revision is there', { desiredRevision: 'c' }],
  ])('starts nothing when %s', (_, change) => {
    expect(mayStart(queued, { ...now, ...change })).toBe(false);
  });
});
