import { describe, expect, it } from 'vitest';
import type { LuaOutcome } from '../../../platform/lua/engine.ts';
import { healthErrors } from './health-errors.ts';
import { createHealthScripts } from './health-scripts.ts';

const live = { apiVersion: 'v1', kind: 'Widget', metadata: { name: 'one' } };
const script = { name: 'health.lua', lua: 'return {}', openLibs: false };

describe('activities/session/health-scripts', () => {
  it('rests a script that limits stop three times in a row, and tries it again later', () => {
    const stop: LuaOutcome = { ok: false, limit: 'time', message: 'stopped' };
    const outcomes: LuaOutcome[] = [stop, stop, { ok: true }, stop, stop, stop];
    let clock = 0;
    let runs = 0;
    const run = createHealthScripts(
      {
        run: () => outcomes[runs++] ?? stop,
        close: async () => {},
      },
      () => clock,
    );
    for (const _ of outcomes) run(script, live);
    expect(runs).toBe(6);
    expect(run(script, live)).toMatchObject({
      ok: false,
      passing: true,
      message: expect.stringContaining('not run'),
    });
    expect(run({ ...script, lua: 'return nil' }, live)).toEqual(stop);
    clock = 6 * 60_000;
    expect(run(script, live)).toEqual(stop);
    expect(run(script, live)).toMatchObject({ passing: true });
    expect(runs).toBe(8);
  });

  it('names the first objects that could not be judged and counts the others', () => {
    const compared = Array.from({ length: 7 }, (_, index) => ({
      hook: index === 0,
      live: index === 1 ? undefined : { ...live, metadata: { name: `w${index}` } },
    }));
    const errors = healthErrors(
      { healthErrorOf: (object) => `Widget ${object.metadata.name}: no` },
      compared,
    );
    expect(errors).toHaveLength(5);
    expect(errors[0]).toBe('error setting app health: Widget w2: no');
    expect(healthErrors({ healthErrorOf: () => 'no' }, [...compared, ...compared]).at(-1)).toBe(
      'error setting app health: 5 more objects',
    );
  });
});
