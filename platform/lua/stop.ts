import type { LuaLimit } from './call.ts';

/** Ends a script for good: unlike a Lua error no `pcall` of the script can catch it. */
export class LuaStop extends Error {
  readonly limit: LuaLimit;

  constructor(limit: LuaLimit) {
    super(`script stopped by its ${limit} limit`);
    this.name = 'LuaStop';
    this.limit = limit;
  }
}
