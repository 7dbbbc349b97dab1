import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
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

/** An object as an API server may answer with it, whose fields are of any type. */
const asRead = (value: object): Manifest => JSON.parse(JSON.stringify(value));

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

  it('hides a last-applied copy that is nested too deeply to be looked into', () => {
    const copy = `{"apiVersion":"v1","kind":"Secret","metadata":{},"data":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`;
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': copy };
    const manifest = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', annotations } };
    expect(maskManifest(manifest).metadata.annotations?.[lastApplied]).toMatch(/^\++$/);
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

  it('shows of a Secret what is known to be harmless, and hides all the rest', () => {
    const metadata = {
      name: 's',
      namespace: 'n',
      labels: { app: 'web' },
      uid: '0b7f',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'u', controller: true }],
      finalizers: ['example.com/keep'],
      annotations: { 'argocd.argoproj.io/sync-wave': '1', note: 'made by the platform team', on: 'true' },
    };
    const shown = { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', immutable: true, metadata };
    expect(maskManifest(shown)).toEqual(shown);
    const odd = asRead({
      ...shown,
      type: { canary: 1 },
      stringdata: { a: 'canary' },
      status: 'canary',
      metadata: { ...metadata, extra: 'canary', ownerReferences: [{ kind: 'canary', token: 'x' }] },
    });
    expect(maskManifest(odd)).toEqual({
      ...shown,
      type: '++++++++',
      stringdata: '++++++++',
      status: '++++++++',
      metadata: { ...metadata, extra: '++++++++', ownerReferences: '++++++++' },
    });
  });

  it.each([
    ['data that is a text', { data: 'canary' }],
    ['data that is a list', { data: ['canary'] }],
    ['stringData that is a text', { data: { a: 'YQ==' }, stringData: 'canary' }],
    ['annotations that are a text', { metadata: { name: 's', annotations: 'canary' } }],
    ['labels that are a list', { metadata: { name: 's', labels: ['canary'] } }],
    ['metadata that is a list', { metadata: ['canary'] }],
  ])('hides %s', (_, fields) => {
    const masked = maskManifest(asRead({ ...secret({}), ...fields }));
    expect(JSON.stringify(masked)).not.toContain('canary');
    expect(JSON.stringify(masked)).toContain('++++++++');
  });

  it('keeps visible that hidden fields differ', () => {
    const of = (value: string) => ({ ...secret({}), stringdata: { a: value } });
    const { target, live } = maskPair({ target: of('one'), live: of('two') });
    expect([target?.['stringdata'], live?.['stringdata']]).toEqual(['++++++++', '++++++++++++']);
    const same = maskPair({ target: of('one'), live: of('one') });
    expect(same.target?.['stringdata']).toBe(same.live?.['stringdata']);
  });

  const copy = JSON.stringify(secret({ a: 'Y2FuYXJ5' }));
  it.each([
    ['a copy in JSON', copy],
    ['a copy in a list', `[${copy}]`],
    ['a copy in a text in JSON', JSON.stringify(copy)],
    ['a copy in YAML', 'kind: Secret\ndata:\n  a: Y2FuYXJ5\n'],
    ['YAML on one line', 'password: canary'],
    ['a copy in base64', btoa(copy)],
    ['a copy in base64 twice', btoa(btoa(copy))],
    ['a packed copy', `H4sIAAAAAAAA${'Qk1x'.repeat(5)}`],
    ['a value', 'the-value-xyzzy-is-here'],
    ['a value in base64', btoa('xyzzy-42')],
    ['base64 with a value in it', btoa('user:xyzzy-42:more')],
    ['base64 of bytes with a value in it', btoa('\u0001\u0002xyzzy-42')],
    ['a short value whole', 'abc'],
    ['a long text', 'word '.repeat(120)],
  ])('hides an annotation that holds %s', (_, text) => {
    const values = { a: btoa('xyzzy-42'), b: btoa('xyzzy'), c: btoa('abc') };
    const masked = maskManifest(secret(values, { previous: text, team: 'payments' }));
    expect(masked.metadata.annotations).toEqual({ previous: '++++++++', team: 'payments' });
  });

  it.each([
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'guestbook:/Secret:default/db',
    'https://example.com/docs/secrets?a=b',
    'production',
    '2026-01-01T00:00:00Z',
    'owner team@example.com',
  ])('shows the annotation %s', (text) => {
    expect(maskManifest(secret({ a: btoa('xyzzy-42') }, { note: text })).metadata.annotations).toEqual({
      note: text,
    });
  });

  it('hides a label that holds a value', () => {
    const masked = maskManifest({
      ...secret({ a: btoa('xyzzy-42') }),
      metadata: { name: 's', labels: { a: 'xyzzy-42', app: 'web' } },
    });
    expect(masked.metadata.labels).toEqual({ a: '++++++++', app: 'web' });
  });

  it('hides a value of a former copy wherever it is', () => {
    const masked = maskManifest(secret({}, { [lastApplied]: copy, old: 'it was canary' }));
    expect(JSON.stringify(masked)).not.toContain('canary');
  });

  it('hides copies in copies', () => {
    const inner = JSON.stringify(secret({ a: 'b25l' }, { [lastApplied]: copy }));
    const masked = JSON.stringify(maskManifest(secret({}, { [lastApplied]: inner })));
    expect(masked).not.toMatch(/Y2FuYXJ5|b25l/);
    const map = (text: string): Manifest => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', annotations: { token: 'canary', [lastApplied]: text } },
    });
    const twice = map(JSON.stringify(map(JSON.stringify(map('{}')))));
    expect(JSON.stringify(maskManifest(twice, ['token']))).not.toContain('canary');
  });

  it('shows who owns which field, without values', () => {
    const entry = { manager: 'm', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1' };
    const shape = asRead({
      ...secret({}),
      metadata: {
        name: 's',
        managedFields: [
          { ...entry, more: 'canary', fieldsV1: { 'f:data': { '.': {}, 'f:a': {}, 'v:"canary"': {} } } },
        ],
      },
    });
    const masked = maskManifest(shape);
    expect(masked.metadata.managedFields).toEqual([
      { ...entry, fieldsV1: { 'f:data': { '.': {}, 'f:a': {} } } },
    ]);
  });
});
