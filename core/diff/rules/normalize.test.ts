import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { isUnchanged } from '../compare.ts';
import { normalizePair } from './normalize.ts';
import { respectIgnored } from './respect-ignored.ts';
import type { ObjectRules } from './rules.ts';

const none: ObjectRules = {
  jsonPointers: [],
  jqPathExpressions: [],
  managers: [],
  knownTypeFields: [],
  ignoresAggregatedRules: false,
  ignoresStatus: true,
};

function objectOf(apiVersion: string, kind: string, content: object, metadata: object = {}): Manifest {
  return { apiVersion, kind, metadata: { name: 'x', ...metadata }, ...content };
}

const same = (predicted: Manifest, live: Manifest, rules: Partial<ObjectRules> = {}): boolean => {
  const pair = normalizePair({ predicted, live }, { ...none, ...rules });
  return isUnchanged(pair.live, pair.predicted);
};

const role = (content: object) => objectOf('rbac.authorization.k8s.io/v1', 'ClusterRole', content);
const thing = (content: object, metadata: object = {}) => objectOf('v1', 'Thing', content, metadata);

describe('core/diff/normalize', () => {
  it.each<[string, Manifest, Manifest, Partial<ObjectRules>, boolean]>([
    [
      'stringData of a Secret',
      objectOf('v1', 'Secret', { stringData: { a: 'b' } }),
      objectOf('v1', 'Secret', { data: { a: 'Yg==' } }),
      {},
      true,
    ],
    [
      'an empty value of a Secret',
      objectOf('v1', 'Secret', { data: { a: null } }),
      objectOf('v1', 'Secret', { data: { a: '' } }),
      {},
      true,
    ],
    ['empty rules of a role', role({ rules: [] }), role({ rules: null }), {}, true],
    [
      'rules of an aggregated role',
      role({ aggregationRule: {}, rules: [1] }),
      role({ aggregationRule: {}, rules: [2] }),
      {},
      false,
    ],
    [
      'rules of an aggregated role, when asked to',
      role({ aggregationRule: {}, rules: [1] }),
      role({ aggregationRule: {}, rules: [2] }),
      { ignoresAggregatedRules: true },
      true,
    ],
    [
      'rules of another role, when asked to',
      role({ rules: [1] }),
      role({ rules: [2] }),
      { ignoresAggregatedRules: true },
      false,
    ],
    [
      'the order of endpoints and the default protocol',
      objectOf('v1', 'Endpoints', {
        subsets: [{ addresses: [{ ip: '2' }, { ip: '1' }], ports: [{ port: 80 }] }],
      }),
      objectOf('v1', 'Endpoints', {
        subsets: [{ addresses: [{ ip: '1' }, { ip: '2' }], ports: [{ port: 80, protocol: 'TCP' }] }],
      }),
      {},
      true,
    ],
    ['the status', thing({ status: 1 }), thing({ status: 2 }), {}, true],
    [
      'the status, when it counts',
      thing({ status: 1 }),
      thing({ status: 2 }),
      { ignoresStatus: false },
      false,
    ],
    ['a field under a pointer', thing({ a: 1 }), thing({ a: 2 }), { jsonPointers: ['/a'] }, true],
    ['a field that only one side has', thing({}), thing({ a: 2 }), { jsonPointers: ['/a'] }, true],
    [
      'all of the metadata',
      thing({}, { labels: { a: 'b' } }),
      thing({}),
      { jsonPointers: ['/metadata'] },
      true,
    ],
    [
      'the note of kubectl',
      thing({}),
      thing({}, { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'x' } }),
      {},
      true,
    ],
  ])('compares %s', (_name, predicted, live, rules, expected) => {
    expect(same(predicted, live, rules)).toBe(expected);
  });

  it('leaves out what a manager owns, elements and emptied maps included', () => {
    const fieldsV1 = {
      'f:replicas': {},
      'f:list': {
        'k:{"name":"s"}': { '.': {}, 'f:name': {}, 'f:image': {} },
        'k:{"name":"a"}': { 'f:image': {} },
      },
      'f:extra': { 'f:x': {} },
    };
    const managedFields = [{ manager: 'hpa', operation: 'Update', fieldsV1 }];
    const live = thing(
      {
        replicas: 5,
        list: [
          { name: 'a', image: '9' },
          { name: 's', image: 'i' },
        ],
        extra: { x: 1 },
      },
      { managedFields },
    );
    const predicted = thing({ replicas: 1, list: [{ name: 'a', image: '1' }] });
    expect(same(predicted, live, { managers: ['hpa'] })).toBe(true);
    expect(same(predicted, live, { managers: ['other'] })).toBe(false);
    expect(same(thing({ replicas: 1, list: [{ name: 'b' }] }), live, { managers: ['hpa'] })).toBe(false);
  });
});

describe('core/diff/respect-ignored', () => {
  const live = thing(
    { spec: { replicas: 5, image: 'old', list: [{ name: 'a', image: '9' }] }, status: { x: 1 } },
    {
      uid: 'u',
      labels: { l: 'live' },
      managedFields: [{ manager: 'hpa', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }],
    },
  );
  const desired = thing({
    spec: { replicas: 1, image: 'new', list: [{ name: 'b' }, { name: 'a', image: '1' }] },
  });

  it.each<[string, Partial<ObjectRules>, object]>([
    ['nothing without rules', {}, {}],
    ['a field under a pointer', { jsonPointers: ['/spec/replicas'] }, { replicas: 5 }],
    ['a field of a manager', { managers: ['hpa'] }, { replicas: 5 }],
    ['nothing of the identity and the status', { jsonPointers: ['/kind', '/status', '/metadata/uid'] }, {}],
  ])('takes over %s', (_name, rules, change) => {
    const respected = respectIgnored(desired, live, { ...none, ...rules });
    expect(respected).toEqual({ ...desired, spec: { ...(desired['spec'] as object), ...change } });
  });

  it('takes over what jq selects, in the element of that name, and labels', () => {
    const respected = respectIgnored(
      desired,
      live,
      { ...none, jsonPointers: ['/metadata/labels'] },
      {
        desired: [['spec', 'list', 1, 'image']],
        live: [['spec', 'list', 0, 'image']],
      },
    );
    expect(respected['spec']).toMatchObject({ list: [{ name: 'b' }, { name: 'a', image: '9' }] });
    expect(respected.metadata.labels).toEqual({ l: 'live' });
  });

  it('leaves out what the live object lacks', () => {
    const respected = respectIgnored(desired, thing({ spec: {} }), {
      ...none,
      jsonPointers: ['/spec/image'],
    });
    expect(respected['spec']).not.toHaveProperty('image');
  });
});
