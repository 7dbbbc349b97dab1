import { describe, expect, it } from 'vitest';
import type { Manifest } from '../object/manifest/manifest.ts';
import type { ResourceOverride } from '../settings/settings.ts';
import { createHealthJudge, hasHealth, readHealth, type ScriptAnswer } from './custom.ts';

const widget: Manifest = {
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'one', namespace: 'demo', uid: 'u1', resourceVersion: '1' },
};

const exact: ResourceOverride = { group: 'example.com', kind: 'Widget', healthLua: 'exact' };
const glob: ResourceOverride = { group: '*.com', kind: '*', healthLua: 'glob', useOpenLibs: true };

/** A judge whose scripts answer with their own text, and the runs it made. */
function judgeOf(overrides: readonly ResourceOverride[], answer?: (lua: string) => ScriptAnswer) {
  const runs: { lua: string; openLibs: boolean; name: string }[] = [];
  const judge = createHealthJudge(
    { overrides },
    () => ({ status: 'Degraded', message: 'built in' }),
    ({ name, lua, openLibs }, live) => {
      runs.push({ lua, openLibs, name: live.metadata.name ?? name });
      return answer?.(lua) ?? { ok: true, value: { status: 'Healthy', message: lua } };
    },
  );
  return { ...judge, runs };
}

function change(metadata: Partial<Manifest['metadata']>): Manifest {
  return { ...widget, metadata: { ...widget.metadata, ...metadata } };
}

describe('core/health/custom', () => {
  it.each<[string, ResourceOverride[], string]>([
    ['the script of the exact kind before a glob', [exact, glob], 'exact'],
    ['the script of a glob before the built-in rule', [glob], 'glob'],
    [
      'the script of a glob where the exact kind sets something else',
      [{ ...exact, healthLua: '' }, glob],
      'glob',
    ],
    [
      'the built-in rule where no override has a script',
      [{ group: 'example.com', kind: 'Widget' }],
      'built in',
    ],
    ['the built-in rule for other kinds', [{ ...exact, kind: 'Gadget' }], 'built in'],
  ])('asks %s', (_, overrides, expected) => {
    expect(judgeOf(overrides).assess(widget)?.message).toBe(expected);
  });

  it('gives open libraries only to the script that asks for them', () => {
    const judge = judgeOf([glob]);
    judge.assess(widget);
    const closed = judgeOf([exact, glob]);
    closed.assess(widget);
    expect([judge.runs[0]?.openLibs, closed.runs[0]?.openLibs]).toEqual([true, false]);
  });

  it('leaves an object that is being deleted to the rule for that, unless a hook finalizer holds it', () => {
    const deletionTimestamp = '2026-01-01T00:00:00Z';
    const judge = judgeOf([exact]);
    expect(judge.assess(change({ deletionTimestamp }))?.message).toBe('built in');
    const held = change({ deletionTimestamp, finalizers: ['argocd.argoproj.io/hook-finalizer'] });
    expect(judge.assess(held)?.message).toBe('exact');
  });

  it('runs a script once per content of an object, also when it failed', () => {
    const judge = judgeOf([exact], () => ({ ok: false, message: 'health.lua:1: no' }));
    for (let times = 0; times < 3; times++) judge.assess(widget);
    judge.errorOf(widget);
    judge.assess(change({ resourceVersion: '2' }));
    judge.assess(change({ uid: 'u2' }));
    expect(judge.runs).toHaveLength(3);
  });

  it('asks again after a failure that passes, and where the object has no version', () => {
    const passing = judgeOf([exact], () => ({ ok: false, message: 'resting', passing: true }));
    passing.assess(widget);
    passing.assess(widget);
    const file = judgeOf([exact]);
    const { resourceVersion: _, ...metadata } = widget.metadata;
    file.assess({ ...widget, metadata });
    file.assess({ ...widget, metadata });
    expect([passing.runs.length, file.runs.length]).toEqual([2, 2]);
  });

  it('calls an object whose script fails Unknown, and names object and script in the error', () => {
    const judge = judgeOf([exact], () => ({ ok: false, message: 'health.lua:3: no' }));
    const sentence = 'health.lua:3: no; correct the health script of example.com/Widget';
    expect(judge.assess(widget)).toEqual({ status: 'Unknown', message: sentence });
    expect(judge.errorOf(widget)).toBe(`example.com/Widget demo/one: ${sentence}`);
    expect(judgeOf([exact]).errorOf(widget)).toBeUndefined();
    expect(judgeOf([]).errorOf(widget)).toBeUndefined();
  });

  it.each<[unknown, unknown]>([
    [
      { status: 'Healthy', message: 'fine' },
      { status: 'Healthy', message: 'fine' },
    ],
    [{ status: 'Suspended' }, { status: 'Suspended' }],
    [undefined, { status: '' }],
    [[], { status: '' }],
    [{ status: 'Fine' }, { status: 'Unknown', message: 'Lua returned an invalid health status' }],
    [{ message: 'x' }, { status: 'Unknown', message: 'Lua returned an invalid health status' }],
    ['Healthy', 'health.lua: expect table output from Lua script, not string'],
    [['Healthy'], 'health.lua: result is a list; return a table with status and message'],
  ])('reads the result %j', (value, expected) => {
    expect(readHealth(value)).toEqual(expected);
  });

  it('knows the kinds that have to be watched in full', () => {
    const settings = { overrides: [exact] };
    expect(hasHealth(settings, 'example.com', 'Widget')).toBe(true);
    expect(hasHealth(settings, 'apps', 'Deployment')).toBe(true);
    expect(hasHealth(settings, 'example.com', 'Gadget')).toBe(false);
  });
});
