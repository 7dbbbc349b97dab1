import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
import type { Path } from '../fields/paths.ts';
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

function thing(spec: unknown, managedFields: unknown[] = []): Manifest {
  return { apiVersion: 'example.test/v1', kind: 'Thing', metadata: { name: 'x', managedFields }, spec };
}

/** Places of all fields of a name, at any depth, as jq's `.. | .weight?` selects them. */
function placesOf(value: unknown, name: string, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const steps: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return steps.flatMap(([step, child]) =>
    step === name ? [[...path, step]] : placesOf(child, name, [...path, step]),
  );
}

/** What is written when the weights of both sides are ignored. */
function written(desired: unknown, live: unknown, managedFields: unknown[] = []): unknown {
  const jq = { desired: placesOf({ spec: desired }, 'weight'), live: placesOf({ spec: live }, 'weight') };
  return respectIgnored(thing(desired), thing(live, managedFields), none, jq)['spec'];
}

const route = (host: string, weight?: number, more: object = {}) => ({
  destination: { host },
  ...(weight === undefined ? {} : { weight }),
  ...more,
});
const http = (...routes: object[]) => ({ http: [{ route: routes }] });

describe('core/diff/respect-ignored in lists whose elements have no name', () => {
  it.each<[string, object[], object[], object[]]>([
    [
      'keeps the weights of the same routes',
      [route('a', 50), route('b', 50)],
      [route('a', 70), route('b', 30)],
      [route('a', 70), route('b', 30)],
    ],
    [
      'finds routes in another order',
      [route('b', 1), route('a', 1)],
      [route('a', 70), route('b', 30)],
      [route('b', 30), route('a', 70)],
    ],
    [
      'finds routes beside defaults',
      [route('a', 1)],
      [route('b', 9), route('a', 70, { port: 80 })],
      [route('a', 70)],
    ],
    [
      'finds a route that changed in another field',
      [route('a', 1), route('b', 1, { retries: 2 })],
      [route('a', 70), route('b', 30, { retries: 1 })],
      [route('a', 70), route('b', 30, { retries: 2 })],
    ],
    [
      'keeps the weight of a route that Git gives another target',
      [route('a', 1), route('c', 1)],
      [route('a', 70), route('b', 30)],
      [route('a', 70), route('c', 30)],
    ],
    [
      'writes no weight for a route that is new',
      [route('a', 1), route('c', 1)],
      [route('a', 70)],
      [route('a', 70), route('c')],
    ],
    ['writes no weight where there is none', [route('a', 1)], [route('a')], [route('a')]],
    ['brings a weight that Git never had', [route('a')], [route('a', 70)], [route('a', 70)]],
    [
      'tells equal routes apart by their order',
      [route('a', 1), route('a', 1)],
      [route('a', 70), route('a', 30)],
      [route('a', 70), route('a', 30)],
    ],
  ])('%s', (_name, desired, live, expected) => {
    expect(written(http(...desired), http(...live))).toEqual(http(...expected));
  });

  it('reaches lists in lists of nameless elements', () => {
    const rule = (path: string, ...weights: number[]) => ({
      matches: [{ path }],
      backendRefs: weights.map((weight, place) => ({ name: `s${place}`, port: 80, weight })),
    });
    const desired = { rules: [rule('/new', 50, 50), rule('/', 50, 50)] };
    const live = { rules: [rule('/', 70, 30)] };
    expect(written(desired, live)).toEqual({
      rules: [
        {
          matches: [{ path: '/new' }],
          backendRefs: [
            { name: 's0', port: 80 },
            { name: 's1', port: 80 },
          ],
        },
        rule('/', 70, 30),
      ],
    });
  });

  it('tells elements apart by the keys that the API server names', () => {
    const fieldsV1 = {
      'f:spec': { 'f:parts': { 'k:{"zone":"a"}': { 'f:weight': {} }, 'k:{"zone":"b"}': { 'f:weight': {} } } },
    };
    const part = (zone: string, weight?: number) => ({
      zone,
      size: 1,
      ...(weight === undefined ? {} : { weight }),
    });
    const desired = { parts: [part('c', 1), part('b', 1)] };
    const live = { parts: [part('a', 70), part('b', 30)] };
    expect(written(desired, live, [{ manager: 'm', operation: 'Update', fieldsV1 }])).toEqual({
      parts: [part('c'), part('b', 30)],
    });
  });

  it.each<[string, Path[], object[], object[], object[]]>([
    [
      'brings an ignored element back where it stood',
      [[0]],
      [{ image: 'a' }],
      [{ image: 's:1' }, { image: 'a' }],
      [{ image: 's:1' }, { image: 'a' }],
    ],
    [
      'never takes an ignored element for another one',
      [[1]],
      [{ image: 'a' }, { image: 'b' }],
      [{ image: 'a' }, { image: 's:1' }],
      [{ image: 'a' }, { image: 's:1' }, { image: 'b' }],
    ],
    [
      'takes the live one of two that have a name',
      [[0]],
      [{ name: 'a', image: '2' }],
      [{ name: 'a', image: '1' }],
      [{ name: 'a', image: '1' }],
    ],
  ])('%s', (_name, ignored, desired, live, expected) => {
    const jq = { desired: [], live: ignored.map((path) => ['spec', 'list', ...path]) };
    const found = respectIgnored(thing({ list: desired }), thing({ list: live }), none, jq);
    expect(found['spec']).toEqual({ list: expected });
  });

  it('puts the live element in the place of an ignored one', () => {
    const jq = { desired: [['spec', 'list', 1]], live: [['spec', 'list', 0]] };
    const desired = thing({ list: [{ image: 'a' }, { image: 's:2' }] });
    const live = thing({ list: [{ image: 's:1' }, { image: 'a' }] });
    expect(respectIgnored(desired, live, none, jq)['spec']).toEqual({
      list: [{ image: 'a' }, { image: 's:1' }],
    });
    expect(respectIgnored(desired, thing({}), none, jq)['spec']).toEqual({ list: [{ image: 'a' }] });
  });

  it('writes each ignored field as it is live or not at all, and every other as desired', () => {
    const element = fc.record(
      { id: fc.constantFrom('a', 'b', 'c', 'd'), weight: fc.integer(), size: fc.constantFrom(1, 2) },
      { requiredKeys: ['id'] },
    );
    const list = fc.array(element, { maxLength: 4 });
    const nested = fc.array(fc.record({ id: fc.constantFrom('x', 'y'), parts: list }), { maxLength: 3 });
    fc.assert(
      fc.property(nested, nested, (desired, live) => {
        const result = written(desired, live);
        const weightsOf = (value: unknown) => placesOf(value, 'weight');
        const bare = (value: unknown) =>
          JSON.parse(JSON.stringify(value, (key, child) => (key === 'weight' ? undefined : child)));
        expect(bare(result)).toEqual(bare(desired));
        const liveWeights = JSON.stringify(live).match(/"weight":-?\d+/g) ?? [];
        for (const weight of JSON.stringify(result).match(/"weight":-?\d+/g) ?? []) {
          expect(liveWeights).toContain(weight);
        }
        expect(weightsOf(result).length).toBeLessThanOrEqual(weightsOf(live).length);
        // What is live already is written as it is.
        expect(written(live, live)).toEqual(live);
      }),
    );
  });
});
