import { createByteCache } from '../../core/byte-cache.ts';
import type { Path } from '../../core/diff/fields/paths.ts';
import { formatJson, parseJson } from '../../core/object/json/json.ts';
import { isManifest } from '../../core/object/manifest/check-manifest.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { createEvaluator, type Evaluator } from './evaluator.ts';

/** Evaluates path expressions of jq on objects. */
export type Jq = {
  /** What is wrong with an expression before it is run at all; undefined when it can be run. */
  faultOf(expression: string): Promise<string | undefined>;
  /** The object without what the expressions select; one that fails on this object leaves it as it is. */
  remove(manifest: Manifest, expressions: readonly string[]): Promise<Manifest>;
  /** What the expressions select in an object; one that fails on it selects nothing. */
  paths(manifest: Manifest, expressions: readonly string[]): Promise<Path[]>;
  close(): Promise<void>;
};

/** Time for one expression on one object, as in the reference. */
const limitMilliseconds = 1000;
/** Checks of expressions; there are few in an installation. */
const checkBytes = 4 * 1024 * 1024;

/** jq in a thread of its own, started when it is first needed. */
export function createJq(evaluator: Evaluator = createEvaluator(limitMilliseconds)): Jq {
  const faults = createByteCache<Promise<string | undefined>>(checkBytes);

  async function check(expression: string): Promise<string | undefined> {
    // Compiled and not run, so that only the expression itself can fail.
    const result = await evaluator.evaluate('null', `if true then empty else del(${expression}) end`);
    if (!('error' in result)) return undefined;
    return result.timedOut ? result.error : compileFault(result.error);
  }

  return {
    faultOf(expression) {
      const known = faults.get(expression);
      if (known !== undefined) return known;
      const checked = check(expression);
      faults.set(expression, checked, expression.length);
      return checked;
    },
    async remove(manifest, expressions) {
      let current = manifest;
      for (const expression of expressions) {
        current = await removeOne(evaluator, current, expression);
      }
      return current;
    },
    async paths(manifest, expressions) {
      const found: Path[] = [];
      for (const expression of expressions) {
        const [value] = await run(evaluator, manifest, `[path(${expression})]`);
        if (Array.isArray(value)) found.push(...value.filter(isPath));
      }
      return found;
    },
    close: () => evaluator.close(),
  };
}

/**
 * In two steps, so that an expression that closes the bracket around it can still do nothing but name places: one that
 * could write would move a Secret's values to where they are not hidden.
 */
async function removeOne(evaluator: Evaluator, manifest: Manifest, expression: string): Promise<Manifest> {
  const [places, ...others] = await run(evaluator, manifest, `[path(${expression})]`);
  if (others.length > 0 || !Array.isArray(places) || places.length === 0) return manifest;
  const [value] = await run(evaluator, manifest, `delpaths(${formatJson(places)})`);
  return isManifest(value) ? value : manifest;
}

/** The values that a program prints; none when it fails. */
async function run(evaluator: Evaluator, manifest: Manifest, filter: string): Promise<unknown[]> {
  const result = await evaluator.evaluate(formatJson(manifest), filter);
  if ('error' in result) return [];
  return result.output
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => parseJson(line));
}

function isPath(value: unknown): value is Path {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((step) => typeof step === 'string' || (typeof step === 'number' && step >= 0))
  );
}

/** The reason in jq's reply, without the program text that it repeats. */
function compileFault(reply: string): string {
  const [, told] = reply.split('jq: error: ', 2);
  const end = told?.indexOf(' at <top-level>') ?? -1;
  if (told === undefined || end === -1) return 'is not a jq expression';
  return told.slice(0, end).replace(/ \(Unix shell quoting issues\?\)$/, '');
}
