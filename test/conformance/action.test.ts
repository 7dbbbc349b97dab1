import { describe, expect, it } from 'vitest';
import type { BuiltinAction } from '../../core/action/action.ts';
import { builtinActionOf, builtinActions, builtinActionsOf, namesOf } from '../../core/action/builtin.ts';
import { mergePatchBetween } from '../../core/action/merge-patch.ts';
import { groupOf } from '../../core/object/manifest/manifest.ts';
import { type ActionCase, readActionCases } from './cases.ts';

const cases = readActionCases();
const now = '2026-01-02T03:04:05Z';

const offered = Object.entries(builtinActions).flatMap(([kind, actions]) =>
  actions.map((action) => ({ title: `${action.name} of ${kind}`, kind, action })),
);

function casesOf(kind: string, { name }: BuiltinAction): ActionCase[] {
  return cases.filter(
    ({ object, expected }) =>
      `${groupOf(object.apiVersion)}/${object.kind}` === kind && expected.action === name,
  );
}

/** What takes the pods of something that serves away; a suspended job is one that has not run yet. */
const stopWords = /"(shutdown|stopped|stop|pause|cnpg\.io\/hibernation|replicas|running|runStrategy)":/;

function stops(kind: string, patch: string | undefined): boolean {
  return stopWords.test(patch ?? '') || (kind === 'ray.io/RayCluster' && /"suspend"/.test(patch ?? ''));
}

describe('test/conformance/action', () => {
  it.each(cases)('agrees with $name', ({ object, expected, kindFolder }) => {
    expect(kindFolder).toBe(`${groupOf(object.apiVersion) || 'core'}_${object.kind}`);
    const action = builtinActionOf(object, expected.action);
    if (action === undefined) return expect.fail(`${expected.action} is not built in`);
    const run = () => action.run(object, { values: expected.parameters ?? {}, now });
    if (expected.fails !== undefined) return expect(run).toThrow(expected.fails);
    const isOffered = action.offeredFor?.(object) !== false;
    expect(isOffered ? action.refuses?.(object) : 'not offered').toBe(expected.refused);
    if (expected.refused !== undefined) return;
    const impacts = run();
    const patches = impacts.filter(({ operation }) => operation === 'patch');
    expect(patches.map(({ manifest }) => mergePatchBetween(object, manifest))).toEqual(
      expected.patch === undefined ? [] : [expected.patch],
    );
    const created = impacts.filter(({ operation }) => operation === 'create');
    expect(created.map(({ manifest }) => manifest)).toEqual(expected.created ?? []);
  });

  it.each(offered)('has a case of $title', ({ kind, action }) => {
    const own = casesOf(kind, action);
    expect(own.some(({ expected }) => expected.patch ?? expected.created)).toBeTruthy();
  });

  it.each(offered.filter(({ action }) => action.refuses ?? action.offeredFor))(
    'has a case of an object that does not allow $title',
    ({ kind, action }) => {
      expect(casesOf(kind, action).some(({ expected }) => expected.refused !== undefined)).toBe(true);
    },
  );

  it.each(offered.filter(({ action }) => action.aliases))(
    'runs $title by its other names',
    ({ kind, action }) => {
      const [group, name = ''] = kind.split('/');
      const live = { apiVersion: `${group}/v1`, kind: name, metadata: { name: 'example' } };
      const names = builtinActionsOf(live).flatMap(namesOf);
      expect(new Set(names).size).toBe(names.length);
      expect(action.aliases?.map((alias) => builtinActionOf(live, alias))).toEqual(
        action.aliases?.map(() => action),
      );
    },
  );

  it('stops nothing by an action that promises a pause', () => {
    const stopped = offered
      .filter(({ action }) => ['pause', 'suspend'].includes(action.name))
      .filter(({ kind, action }) =>
        casesOf(kind, action).some(({ expected }) => stops(kind, JSON.stringify(expected.patch))),
      )
      .map(({ title }) => title);
    expect(stopped).toEqual([]);
  });

  it('says of every case what it rests on and why', () => {
    const unfounded = cases.filter(
      ({ expected }) => !/^https:\/\/\S+$/.test(expected.source) || !/^[A-Z].*\.$/s.test(expected.why),
    );
    expect(unfounded.map(({ name }) => name)).toEqual([]);
  });
});
