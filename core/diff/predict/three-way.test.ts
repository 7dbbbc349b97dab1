import { describe, expect, it } from 'vitest';
import { lastAppliedAnnotation } from '../../object/annotations.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { predictLocally } from './three-way.ts';

const thing = (content: object, metadata: object = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'x', ...metadata },
  ...content,
});
const applied = (content: object) => ({
  annotations: { [lastAppliedAnnotation]: JSON.stringify(thing(content)) },
});

describe('core/diff/three-way', () => {
  it.each<[string, object, object, object | undefined, object]>([
    [
      'lays desired values over live ones',
      { spec: { a: 1 } },
      { spec: { a: 0, b: 2 } },
      undefined,
      { spec: { a: 1, b: 2 } },
    ],
    [
      'removes what was wanted before',
      { spec: { a: 1 } },
      { spec: { a: 1, b: 2 } },
      { spec: { a: 1, b: 2 } },
      { spec: { a: 1 } },
    ],
    [
      'keeps what nobody wanted before',
      { spec: { a: 1 } },
      { spec: { a: 1, b: 2 } },
      { spec: { a: 1 } },
      { spec: { a: 1, b: 2 } },
    ],
    [
      'merges containers by name',
      { spec: { containers: [{ name: 'a', image: '2' }] } },
      {
        spec: {
          containers: [{ name: 'a', image: '1', policy: 'Always' }, { name: 'gone' }, { name: 'foreign' }],
        },
      },
      { spec: { containers: [{ name: 'a' }, { name: 'gone' }] } },
      { spec: { containers: [{ name: 'a', image: '2', policy: 'Always' }, { name: 'foreign' }] } },
    ],
    [
      'knows the default of a key',
      { ports: [{ containerPort: 80 }] },
      { ports: [{ containerPort: 80, protocol: 'TCP' }] },
      undefined,
      { ports: [{ containerPort: 80, protocol: 'TCP' }] },
    ],
    ['replaces other lists', { args: ['b'] }, { args: ['a', 'b'] }, undefined, { args: ['b'] }],
    ['passes over null and empty maps', { a: null, b: {} }, {}, undefined, {}],
  ])('%s', (_name, desired, live, before, expected) => {
    const metadata = before === undefined ? {} : applied(before);
    const {
      apiVersion: _version,
      kind: _kind,
      metadata: kept,
      ...content
    } = predictLocally(thing(desired), thing(live, metadata), 'keelson');
    expect(content).toEqual(expected);
    expect(kept).toEqual({ name: 'x', ...metadata });
  });

  it('takes what was wanted before from what we applied', () => {
    const fieldsV1 = {
      'f:spec': { 'f:a': {}, 'f:containers': { 'k:{"name":"gone"}': { '.': {}, 'f:name': {} } } },
    };
    const managedFields = [{ manager: 'keelson', operation: 'Apply', apiVersion: 'v1', fieldsV1 }];
    const live = thing(
      { spec: { a: 1, b: 2, containers: [{ name: 'gone' }, { name: 'x' }] } },
      { managedFields },
    );
    const predicted = predictLocally(thing({ spec: { containers: [{ name: 'x' }] } }), live, 'keelson');
    expect(predicted['spec']).toEqual({ b: 2, containers: [{ name: 'x' }] });
  });

  it.each<[string, object, object, object]>([
    ['was applied before', { 'a/own': '1' }, { 'a/own': '1', theirs: '2' }, { theirs: '2' }],
    ['was written as an empty map', {}, { theirs: '2' }, { theirs: '2' }],
  ])('takes out of labels and annotations only what %s', (_name, former, live, expected) => {
    const copy = {
      [lastAppliedAnnotation]: JSON.stringify(thing({}, { annotations: former, labels: former })),
    };
    const metadata = { annotations: { ...live, ...copy }, labels: live };
    const predicted = predictLocally(thing({}), thing({}, metadata), 'keelson').metadata;
    expect(predicted).toEqual({ name: 'x', annotations: { ...expected, ...copy }, labels: expected });
  });

  it('does not miss keys of elements that were never written', () => {
    const fieldsV1 = {
      'f:spec': {
        'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:name': {} } },
      },
    };
    const managedFields = [{ manager: 'keelson', operation: 'Apply', apiVersion: 'v1', fieldsV1 }];
    const live = thing({ spec: { ports: [{ port: 80, protocol: 'TCP', name: 'web' }] } }, { managedFields });
    const predicted = predictLocally(thing({ spec: { ports: [{ port: 80 }] } }), live, 'keelson');
    expect(predicted['spec']).toEqual({ ports: [{ port: 80, protocol: 'TCP' }] });
  });

  it('misses no empty value that the API server drops', () => {
    const fieldsV1 = { 'f:size': {}, 'f:text': {}, 'f:list': {}, 'f:kept': {} };
    const managedFields = [{ manager: 'keelson', operation: 'Apply', apiVersion: 'v1', fieldsV1 }];
    const live = thing({ kept: 3 }, { managedFields });
    const desired = thing({ size: 0, text: '', list: [], kept: 0 });
    expect(predictLocally(desired, live, 'keelson')['kept']).toBe(0);
    expect(predictLocally(thing({ size: 0, text: '', list: [], kept: 3 }), live, 'keelson')).toEqual(live);
    expect(predictLocally(desired, thing({}), 'keelson')).toMatchObject({ size: 0, text: '' });
    const custom = { ...thing({ list: [] }), apiVersion: 'example.test/v1' };
    expect(predictLocally(custom, { ...thing({}), apiVersion: 'example.test/v1' }, 'keelson')).toEqual(
      custom,
    );
    expect(predictLocally(thing({ list: [] }), thing({}), 'keelson')).toEqual(thing({}));
  });

  it('takes a last-applied copy that is nested too deeply for none', () => {
    const copy = `{"spec":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`;
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': copy };
    const one = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' }, spec: { b: 1 } };
    const live = { ...one, metadata: { name: 'a', annotations }, spec: { a: 1, b: 2 } };
    expect(predictLocally(one, live, 'keelson')['spec']).toEqual({ a: 1, b: 1 });
  });

  it('survives a last-applied copy that cannot be read', () => {
    const live = thing({ a: 1 }, { annotations: { [lastAppliedAnnotation]: '{' } });
    expect(predictLocally(thing({}), live, 'keelson')).toEqual(live);
  });
});
