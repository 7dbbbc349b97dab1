import { describe, expect, it } from 'vitest';
import type { Manifest } from '../object/manifest.ts';
import { maskManifest, maskPair, maskStates } from './mask.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

function secret(
  data: Record<string, string> | undefined,
  annotations?: Record<string, string>,
  stringData?: object,
): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', ...(annotations === undefined ? {} : { annotations }) },
    type: 'Opaque',
    ...(data === undefined ? {} : { data }),
    ...(stringData === undefined ? {} : { stringData }),
  };
}

describe('core/diff/mask', () => {
  it('gives equal values equal marks and different ones longer marks', () => {
    const { target, live } = maskPair({
      target: secret({ same: 'YQ==', other: 'Yg==', only: 'Yw==' }),
      live: secret({ same: 'YQ==', other: 'ZA==' }),
    });
    expect(target?.['data']).toEqual({ same: '++++++++', other: '++++++++', only: '++++++++' });
    expect(live?.['data']).toEqual({ same: '++++++++', other: '++++++++++++' });
    expect(live?.['type']).toBe('Opaque');
  });

  it('compares plain stringData with what the cluster encoded', () => {
    const { target, live } = maskPair({
      target: secret(undefined, undefined, { a: 'pässword' }),
      live: secret({ a: 'cMOkc3N3b3Jk' }),
    });
    expect(target?.['data']).toEqual({ a: '++++++++' });
    expect(target).not.toHaveProperty('stringData');
    expect(live?.['data']).toEqual({ a: '++++++++' });
  });

  it('hides the last-applied copy with the same marks', () => {
    const copy = JSON.stringify(secret({ a: 'b2xk' }));
    const { live } = maskPair({
      target: secret({ a: 'bmV3' }),
      live: secret({ a: 'bmV3' }, { [lastApplied]: copy }),
    });
    expect(live?.['data']).toEqual({ a: '++++++++' });
    expect(JSON.parse(live?.metadata.annotations?.[lastApplied] ?? '')).toMatchObject({
      data: { a: '++++++++++++' },
    });
  });

  it('hides a last-applied copy that cannot be read as a whole', () => {
    const masked = maskManifest(secret({}, { [lastApplied]: '{"data": {"a": "canary"', keep: 'x' }));
    expect(masked.metadata.annotations).toEqual({ [lastApplied]: '++++++++', keep: 'x' });
    expect(JSON.stringify(maskManifest(secret({}, { [lastApplied]: '"canary"' })))).not.toContain('canary');
  });

  it('hides the given annotations on every kind', () => {
    const map: Manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', annotations: { token: 'canary', a: 'b' } },
      data: { x: 'y' },
    };
    expect(maskManifest(map, ['token'])).toEqual({
      ...map,
      metadata: { name: 'c', annotations: { token: '++++++++', a: 'b' } },
    });
  });

  it('hides a last-applied copy that cannot be read where annotations are hidden, on every kind', () => {
    const map: Manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', annotations: { token: 'x', [lastApplied]: '{"token": "canary"' } },
    };
    expect(maskManifest(map, ['token']).metadata.annotations).toEqual({
      token: '++++++++',
      [lastApplied]: '++++++++',
    });
    expect(maskManifest(map)).toBe(map);
  });

  it.each(['ConfigMap', 'Secret'])(
    'hides the last-applied copy of a %s whole when the settings name it',
    (kind) => {
      const copy = JSON.stringify({ apiVersion: 'v1', kind, metadata: { name: 'c' }, data: { a: 'canary' } });
      const live = { ...secret(undefined, { [lastApplied]: copy, keep: 'x' }), kind };
      expect(maskManifest(live, [lastApplied]).metadata.annotations).toEqual({
        [lastApplied]: '++++++++',
        keep: 'x',
      });
    },
  );

  it('takes stringData for the value of a key that data has too, as the API server does', () => {
    const { target, live } = maskPair({
      target: secret({ a: 'b2xk' }, undefined, { a: 'new' }),
      live: secret({ a: 'bmV3' }),
    });
    expect(target?.['data']).toEqual(live?.['data']);
    const differing = maskPair({
      target: secret({ a: 'bmV3' }, undefined, { a: 'old' }),
      live: secret({ a: 'bmV3' }),
    });
    expect(differing.target?.['data']).not.toEqual(differing.live?.['data']);
  });

  it('leaves other kinds alone, a Secret of another group too', () => {
    const map: Manifest = {
      apiVersion: 'example.com/v1',
      kind: 'Secret',
      metadata: { name: 'c' },
      data: { x: 'y' },
    };
    expect(maskManifest(map)).toBe(map);
    expect(maskPair({})).toEqual({});
  });

  it.each(['kind', 'apiVersion', 'metadata'])('hides a state of which a rule left out %s', (field) => {
    const live = secret({ a: 'canary' });
    const { [field]: _, ...normalized } = live;
    const masked = maskStates({
      target: live,
      live,
      normalized: normalized as Manifest,
      predicted: live,
    });
    expect(masked.normalized?.['data']).toEqual({ a: '++++++++' });
    expect(masked.normalized).not.toHaveProperty(field);
  });

  it('leaves no trace of a value anywhere', () => {
    const canary = 'Y2FuYXJ5LXZhbHVl';
    const copy = JSON.stringify(secret({ a: canary }, undefined, { b: 'canary-value' }));
    const pair = {
      target: secret({ a: canary }, undefined, { b: 'canary-value' }),
      live: secret({ a: canary }, { [lastApplied]: copy }),
    };
    expect(JSON.stringify(maskPair(pair))).not.toMatch(/canary|Y2FuYXJ5/);
    expect(pair.live['data']).toEqual({ a: canary });
  });
});
