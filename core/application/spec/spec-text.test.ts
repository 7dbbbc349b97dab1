import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decided, specText } from './spec-text.ts';

const base: Decided = {
  labels: { team: 'web' },
  annotations: { 'keelson.dev/sync-gate': 'all' },
  finalizers: ['b', 'a'],
  spec: { project: 'default', destination: { name: 'here' }, source: { repoURL: 'https://git.test/a' } },
};

const changes: readonly (readonly [what: string, change: Partial<Decided>])[] = [
  ['the spec', { spec: { ...base.spec, revisionHistoryLimit: 3 } }],
  ['the project', { spec: { ...base.spec, project: 'other' } }],
  ['a label', { labels: { team: 'api' } }],
  ['an annotation', { annotations: {} }],
  ['a finalizer', { finalizers: ['a'] }],
];

describe('what counts for the generation of an application', () => {
  it.each(changes)('changes with %s', (_what, change) => {
    expect(specText({ ...base, ...change })).not.toBe(specText(base));
  });

  it.each([
    'argocd.argoproj.io/refresh',
    'argocd.argoproj.io/application-set-refresh',
    'argocd.argoproj.io/hydrate',
    'argocd.argoproj.io/deletion-approved',
    'kubectl.kubernetes.io/last-applied-configuration',
    'notified.notifications.argoproj.io',
  ])('stays the same when books are kept in %s', (name) => {
    const annotations = { ...base.annotations, [name]: 'now' };
    expect(specText({ ...base, annotations })).toBe(specText(base));
  });

  it('has no order of fields, labels or finalizers', () => {
    const { spec, finalizers, annotations, labels } = base;
    const turned = { spec: { source: spec.source, destination: spec.destination, project: spec.project } };
    expect(specText({ ...turned, labels, annotations, finalizers: finalizers.toReversed() } as Decided)).toBe(
      specText(base),
    );
  });

  it('is the same exactly for what is the same', () => {
    const map = fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.constantFrom('1', '2'));
    fc.assert(
      fc.property(map, map, (one, other) => {
        const same = specText({ ...base, labels: one }) === specText({ ...base, labels: other });
        expect(same).toBe(
          JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort()),
        );
      }),
    );
  });
});
