/** What a script may use up before it is stopped. */
export type LuaLimits = {
  readonly milliseconds: number;
  readonly instructions: number;
  /** Of the whole interpreter, which takes 16 MiB before a script does anything. */
  readonly memoryBytes: number;
  /** Length of the result as JSON text. */
  readonly outputBytes: number;
};

/** One script with everything it sees. */
export type LuaCall = {
  /** Stands in error messages before the line. */
  readonly name: string;
  readonly script: string;
  /** JSON values that the script sees as global variables. */
  readonly globals: Readonly<Record<string, unknown>>;
  /** Adds `string`, `math`, `coroutine`, `os` and `debug.traceback` to base, package and table. */
  readonly openLibs?: boolean;
};

/** The limit a script ran into; each is final for this script and these globals, time only most likely. */
export type LuaLimit = 'time' | 'instructions' | 'memory' | 'output';

/**
 * What became of a call: the JSON value of its first result, undefined for none or nil, or a sentence; `passing` when it
 * is no fault of the script.
 */
export type LuaOutcome =
  | { readonly ok: true; readonly value?: unknown }
  | { readonly ok: false; readonly message: string; readonly limit?: LuaLimit; readonly passing?: boolean };

/** The reference allows a second; 20 million instructions take about half of it on a slow core. */
export const defaultLuaLimits: LuaLimits = {
  milliseconds: 1000,
  instructions: 20_000_000,
  memoryBytes: 64 * 1024 * 1024,
  outputBytes: 4 * 1024 * 1024,
};
