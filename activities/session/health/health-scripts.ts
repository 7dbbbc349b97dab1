import type { RunHealthScript } from '../../../core/health/custom.ts';
import type { LuaEngine } from '../../../platform/lua/engine.ts';

/**
 * A script is not run for a while after this many objects in a row were too much for it: each holds up everything else
 * in this process for its limit of time, a session with a thousand such objects would lose its lease.
 */
const stopsBeforeRest = 3;
const restMilliseconds = 5 * 60_000;

/** Runs health scripts, and gives those a rest that are always stopped by a limit. */
export function createHealthScripts(lua: LuaEngine, now = (): number => performance.now()): RunHealthScript {
  const stops = new Map<string, { count: number; at: number }>();
  return ({ name, lua: script, openLibs }, live) => {
    const stopped = stops.get(script);
    if (stopped !== undefined && stopped.count >= stopsBeforeRest && now() - stopped.at < restMilliseconds) {
      const minutes = restMilliseconds / 60_000;
      return {
        ok: false,
        passing: true,
        message: `${name}: not run for ${minutes} minutes, as a limit stopped it for ${stopsBeforeRest} objects in a row; make the script do less`,
      };
    }
    const outcome = lua.run({ name, script, globals: { obj: live }, openLibs });
    if (outcome.ok || outcome.limit === undefined) stops.delete(script);
    else stops.set(script, { count: (stopped?.count ?? 0) + 1, at: now() });
    return outcome;
  };
}
