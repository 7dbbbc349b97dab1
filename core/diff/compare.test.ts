import { describe, expect, it } from 'vitest';
import type { Manifest } from '../object/manifest/manifest.ts';
import { isUnchanged, liveFingerprintSource } from './compare.ts';

const live: Manifest = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'web',
    uid: 'u',
    resourceVersion: '7',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { a: 'b' },
    managedFields: [{ manager: 'keelson', time: '2026-01-01T00:00:00Z', fieldsV1: { 'f:spec': {} } }],
  },
  spec: { ports: [{ port: 80 }] },
  status: { loadBalancer: {} },
};

function withMetadata(change: object): Manifest {
  return { ...live, metadata: { ...live.metadata, ...change } };
}

describe('core/diff/compare', () => {
  it.each<[string, Manifest, boolean]>([
    ['the same object', live, true],
    [
      'keys in another order',
      { ...live, spec: { ports: [{ port: 80 }] }, metadata: { ...live.metadata } },
      true,
    ],
    [
      'counters of the server',
      withMetadata({ resourceVersion: '8', generation: 2, uid: 'x', managedFields: [], selfLink: '/x' }),
      true,
    ],
    ['another status', { ...live, status: { loadBalancer: { ingress: [] } } }, false],
    ['another field', { ...live, spec: { ports: [{ port: 81 }] } }, false],
    ['another label', withMetadata({ labels: { a: 'c' } }), false],
    ['a new annotation', withMetadata({ annotations: { a: 'c' } }), false],
    ['another finalizer', withMetadata({ finalizers: ['x'] }), false],
  ])('compares with %s', (_name, predicted, expected) => {
    expect(isUnchanged(live, predicted)).toBe(expected);
  });

  it('fingerprints a live object by what a dry run depends on', () => {
    const source = liveFingerprintSource(live);
    const later = [{ manager: 'keelson', time: '2027-01-01T00:00:00Z', fieldsV1: { 'f:spec': {} } }];
    expect(
      liveFingerprintSource(withMetadata({ resourceVersion: '9', generation: 5, managedFields: later })),
    ).toBe(source);
    expect(liveFingerprintSource({ ...live, status: {} })).toBe(source);
    expect(liveFingerprintSource(withMetadata({ managedFields: [{ manager: 'kubectl' }] }))).not.toBe(source);
    expect(liveFingerprintSource(withMetadata({ uid: 'other' }))).not.toBe(source);
    expect(liveFingerprintSource({ ...live, spec: {} })).not.toBe(source);
    expect(source).not.toContain('2026-01-01T00:00:00Z"}');
  });
});
