import { sameJson } from '../object/canonical.ts';
import { isFields } from '../object/check-manifest.ts';

/** A place in a JSON value: names of fields and positions in lists. */
export type Path = readonly (string | number)[];

/** The steps of a JSON pointer (`/a/b~1c`); undefined for a text of another form. */
export function pointerSteps(pointer: string): string[] | undefined {
  if (!pointer.startsWith('/')) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The place that a JSON pointer names in a value; undefined where there is nothing. */
export function findPointer(value: unknown, pointer: string): Path | undefined {
  const steps = pointerSteps(pointer);
  if (steps === undefined) return undefined;
  const path: (string | number)[] = [];
  let current = value;
  for (const step of steps) {
    if (Array.isArray(current)) {
      if (!/^(0|[1-9]\d*)$/.test(step) || Number(step) >= current.length) return undefined;
      path.push(Number(step));
      current = current[Number(step)];
    } else {
      if (!isFields(current) || !Object.hasOwn(current, step)) return undefined;
      path.push(step);
      current = current[step];
    }
  }
  return path;
}

/** What stands at a path; undefined where there is nothing. */
export function readPath(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (typeof step === 'number') current = Array.isArray(current) ? current[step] : undefined;
    else current = isFields(current) && Object.hasOwn(current, step) ? current[step] : undefined;
  }
  return current;
}

/** A value without what stands at the paths, all of which are meant before any of them is removed. */
export function deletePaths<T>(value: T, paths: readonly Path[]): T {
  // From behind, so that positions in lists stay right.
  return paths.toSorted((a, b) => comparePaths(b, a)).reduce<T>(deletePath, value);
}

function comparePaths(left: Path, right: Path): number {
  for (const [place, step] of left.entries()) {
    const other = right[place];
    if (other === undefined) return 1;
    if (step === other) continue;
    if (typeof step === 'number' && typeof other === 'number') return step - other;
    return String(step) < String(other) ? -1 : 1;
  }
  return left.length - right.length;
}

function deletePath<T>(value: T, path: Path): T;
function deletePath(value: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(value) && typeof step === 'number') {
    if (step >= value.length) return value;
    if (rest.length === 0) return value.toSpliced(step, 1);
    return value.with(step, deletePath(value[step], rest));
  }
  if (!isFields(value) || typeof step !== 'string' || !Object.hasOwn(value, step)) return value;
  if (rest.length > 0) return { ...value, [step]: deletePath(value[step], rest) };
  const { [step]: _, ...kept } = value;
  return kept;
}

/**
 * Writes a source's values at the paths into a target. An element of a list is found in the target by its name or
 * its other keys, otherwise by its position; where the target has no such element, nothing is written inside it.
 */
export function copyPaths<T>(target: T, source: unknown, paths: readonly Path[]): T {
  return paths.toSorted(comparePaths).reduce<T>((result, path) => copyPath(result, source, path), target);
}

function copyPath<T>(target: T, source: unknown, path: Path): T;
function copyPath(target: unknown, source: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return source;
  if (typeof step === 'number') return copyElement(target, source, step, rest);
  if (!isFields(source) || !Object.hasOwn(source, step)) return target;
  if (target !== undefined && !isFields(target)) return target;
  const value = copyPath(target?.[step], source[step], rest);
  return value === undefined ? target : { ...target, [step]: value };
}

function copyElement(target: unknown, source: unknown, place: number, rest: Path): unknown {
  if (!Array.isArray(source) || place >= source.length) return target;
  const element: unknown = source[place];
  if (target === undefined) return rest.length === 0 ? [element] : target;
  if (!Array.isArray(target)) return target;
  const match = isFields(element) ? target.findIndex((one) => isSameElement(one, element)) : place;
  if (rest.length === 0) {
    if (match >= 0 && isFields(element)) return target.with(match, element);
    return target.toSpliced(Math.min(place, target.length), 0, element);
  }
  return match < 0 || match >= target.length
    ? target
    : target.with(match, copyPath(target[match], element, rest));
}

/** Fields that name an element among its neighbours, the most telling first. */
const elementNames = ['name', 'key', 'mountPath', 'containerPort', 'port', 'uid', 'ip', 'type', 'host'];

function isSameElement(left: unknown, right: unknown): boolean {
  if (!isFields(left) || !isFields(right)) return false;
  const name = elementNames.find(
    (candidate) => left[candidate] !== undefined && right[candidate] !== undefined,
  );
  return name === undefined ? sameJson(left, right) : sameJson(left[name], right[name]);
}
