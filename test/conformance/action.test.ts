import { describe, expect, it } from 'vitest';
import type { BuiltinAction } from '../../core/action/action.ts';
import { builtinActions, builtinActionsOf } from '../../core/action/builtin.ts';
import { mergePatchBetween } from '../../core/action/merge-patch.ts';
import { groupOf } from '../../core/object/manifest.ts';
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

describe('test/conformance/action', () => {
  it.each(cases)('agrees with $name', ({ object, expected, kindFolder }) => {
    expect(kindFolder).toBe(`${groupOf(object.apiVersion) || 'core'}_${object.kind}`);
    const action = builtinActionsOf(object).find(({ name }) => name === expected.action);
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

  it('says of every case what it rests on and why', () => {
    const unfounded = cases.filter(
      ({ expected }) => !/^https:\/\/\S+$/.test(expected.source) || !/^[A-Z].*\.$/s.test(expected.why),
    );
    expect(unfounded.map(({ name }) => name)).toEqual([]);
  });
});
