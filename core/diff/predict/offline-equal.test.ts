import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { provesEqual } from './offline-equal.ts';

const owner = { manager: 'keelson', formerManagers: ['kubectl-create'] };
const containers = [
  { name: 'a', image: '1', args: ['x'], ports: [{ containerPort: 80 }] },
  { name: 'b', image: '2' },
];
const desired: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'prod', labels: { app: 'web' }, finalizers: ['f/1'] },
  spec: { selector: { matchLabels: { app: 'web' } }, template: { spec: { containers } } },
};
const fields = {
  'f:metadata': { 'f:labels': { 'f:app': {} }, 'f:finalizers': { 'v:"f/1"': {} } },
  'f:spec': {
    'f:selector': {},
    'f:template': {
      'f:spec': {
        'f:containers': {
          'k:{"name":"a"}': {
            '.': {},
            'f:name': {},
            'f:image': {},
            'f:args': {},
            'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
          },
          'k:{"name":"b"}': { '.': {}, 'f:name': {}, 'f:image': {} },
        },
      },
    },
  },
};

type Entry = Record<string, unknown>;
const own: Entry = { manager: 'keelson', operation: 'Apply', apiVersion: 'apps/v1', fieldsV1: fields };

function liveWith(
  entries: Entry[] = [own],
  change: object = {},
  list: object[] = liveContainers(),
): Manifest {
  return {
    ...desired,
    metadata: { ...desired.metadata, uid: 'u', resourceVersion: '1', managedFields: entries },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'web' } },
      template: { spec: { containers: list } },
    },
    status: { replicas: 1 },
    ...change,
  };
}

function liveContainers(): Record<string, unknown>[] {
  return [
    { ...containers[0], terminationMessagePath: '/x', ports: [{ containerPort: 80, protocol: 'TCP' }] },
    { name: 'injected', image: 'sidecar' },
    { ...containers[1] },
  ];
}

const withSpec = (change: (list: Record<string, unknown>[]) => object[]): Manifest => ({
  ...desired,
  spec: {
    ...(desired['spec'] as object),
    template: { spec: { containers: change(structuredClone(containers)) } },
  },
});

describe('core/diff/offline-equal', () => {
  it('proves an object equal beside defaults, foreign fields and foreign elements', () => {
    expect(provesEqual(desired, liveWith(), owner)).toBe(true);
    expect(provesEqual({ ...desired, status: { replicas: 9 } }, liveWith(), owner)).toBe(true);
  });

  it.each<[string, Manifest, Manifest]>([
    ['there is no entry of ours', desired, liveWith([])],
    ['our entry is an update', desired, liveWith([{ ...own, operation: 'Update' }])],
    ['our entry is of a subresource', desired, liveWith([{ ...own, subresource: 'scale' }])],
    ['our entry is of another version', desired, liveWith([{ ...own, apiVersion: 'apps/v1beta1' }])],
    [
      'a former manager owns fields',
      desired,
      liveWith([own, { manager: 'kubectl-create', operation: 'Update', fieldsV1: {} }]),
    ],
    [
      'a field was added',
      { ...desired, metadata: { ...desired.metadata, annotations: { a: 'b' } } },
      liveWith(),
    ],
    ['a field was removed', { ...desired, metadata: { ...desired.metadata, labels: {} } }, liveWith()],
    [
      'a resource version is asked for',
      { ...desired, metadata: { ...desired.metadata, resourceVersion: '1' } },
      liveWith(),
    ],
    [
      'a whole list has another order',
      withSpec((list) => [{ ...list[0], args: ['x', 'y'] }, { ...list[1] }]),
      liveWith(),
    ],
    ['an element was removed', withSpec((list) => list.slice(1)), liveWith()],
    ['elements have another order', withSpec((list) => list.toReversed()), liveWith()],
    ['an element is not live', desired, liveWith([own], {}, liveContainers().slice(0, 2))],
    ['an element is live twice', desired, liveWith([own], {}, [...liveContainers(), { name: 'a' }])],
    [
      'a value is another one',
      desired,
      liveWith([own], {}, [{ ...liveContainers()[0], image: '9' }, ...liveContainers().slice(1)]),
    ],
    [
      'a whole map has one field more',
      desired,
      liveWith([own], {
        spec: {
          selector: { matchLabels: { app: 'web', x: 'y' } },
          template: { spec: { containers: liveContainers() } },
        },
      }),
    ],
    [
      'a key that was explicit is left out',
      desired,
      liveWith([
        {
          ...own,
          fieldsV1: JSON.parse(
            JSON.stringify(fields).replace('"f:containerPort":{}', '"f:containerPort":{},"f:protocol":{}'),
          ),
        },
      ]),
    ],
  ])('concludes nothing when %s', (_name, manifest, live) => {
    expect(provesEqual(manifest, live, owner)).toBe(false);
  });

  it('tells whole numbers apart that one float stands for', () => {
    const number = (value: number | bigint): Manifest => ({
      apiVersion: 'v1',
      kind: 'X',
      metadata: { name: 'x' },
      value,
    });
    const entry = { ...own, apiVersion: 'v1', fieldsV1: { 'f:value': {} } };
    const live = (value: bigint): Manifest => ({ ...number(value), metadata: { managedFields: [entry] } });
    expect(provesEqual(number(2n ** 53n), live(2n ** 53n), owner)).toBe(true);
    expect(provesEqual(number(2n ** 53n), live(2n ** 53n + 1n), owner)).toBe(false);
  });
});
