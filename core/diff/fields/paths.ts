import { isFields } from '../../object/manifest/check-manifest.ts';
import { ownField } from '../../own-field.ts';

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
      current = ownField(current, step);
    }
  }
  return path;
}

/** What stands at a path; undefined where there is nothing. */
export function readPath(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (typeof step === 'number') current = Array.isArray(current) ? current[step] : undefined;
    else current = isFields(current) ? ownField(current, step) : undefined;
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
  if (rest.length > 0) return { ...value, [step]: deletePath(ownField(value, step), rest) };
  const { [step]: _, ...kept } = value;
  return kept;
}
