import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { compareObjects } from './compare.ts';

const configMap = (name: string, data: Record<string, string>, metadata = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});

describe('bench/render-parity/compare', () => {
  it('tells equal, different, missing and surplus objects apart, and names the fields', () => {
    const plain = [
      configMap('a', { x: '1' }),
      configMap('b', { 'x/y': '1', z: '1' }),
      configMap('c', {}),
      configMap('e', {}),
      configMap('e', {}),
    ];
    const ours = [
      configMap('a', { x: '1' }),
      configMap('b', { 'x/y': '2', z: '1' }),
      configMap('d', {}),
      configMap('e', {}),
    ];
    expect(compareObjects(ours, plain)).toEqual([
      { object: 'v1 ConfigMap a', verdict: 'equal', paths: [] },
      { object: 'v1 ConfigMap b', verdict: 'different', paths: ['/data/x~1y'] },
      { object: 'v1 ConfigMap c', verdict: 'missing', paths: [] },
      { object: 'v1 ConfigMap d', verdict: 'surplus', paths: [] },
      { object: 'v1 ConfigMap e', verdict: 'equal', paths: [] },
      { object: 'v1 ConfigMap e (2)', verdict: 'missing', paths: [] },
    ]);
  });

  it('excuses only fields in which the plain tool differs from itself', () => {
    const plain = [
      configMap('a', { certificate: 'one', x: '1' }),
      configMap('b', { certificate: 'one', x: '1' }),
    ];
    const again = [
      configMap('a', { certificate: 'two', x: '1' }),
      configMap('b', { certificate: 'two', x: '1' }),
    ];
    const ours = [
      configMap('a', { certificate: 'three', x: '1' }),
      configMap('b', { certificate: 'three', x: '2' }),
    ];
    expect(compareObjects(ours, plain, again).map(({ verdict }) => verdict)).toEqual(['random', 'different']);
  });

  it('takes null in metadata for absent, and nowhere else', () => {
    const ours = [{ ...configMap('a', {}), spec: {} }];
    const plain = [{ ...configMap('a', {}, { labels: null }), spec: {} }];
    expect(compareObjects(ours, plain)[0]?.verdict).toBe('equal');
    expect(compareObjects(ours, [{ ...configMap('a', {}), spec: { x: null } }])[0]?.verdict).toBe(
      'different',
    );
  });
});
