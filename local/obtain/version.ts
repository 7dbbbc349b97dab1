import { KeelsonError } from '../../core/errors.ts';

type Version = readonly [major: number, minor: number, patch: number];
type Bound = { readonly operator: '>=' | '<'; readonly version: Version };

/** Reads the first `1.2.3` of a text; a missing patch or minor counts as zero, suffixes such as `-rc1` are ignored. */
export function readVersion(text: string): Version | undefined {
  const match = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text);
  if (match === null) return undefined;
  return [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)];
}

/** Whether a version lies within a range such as `>=1.33.0 <1.37.0`; every bound must hold. */
export function isWithin(version: string, range: string): boolean {
  const parsed = readVersion(version);
  if (parsed === undefined) return false;
  return parseRange(range).every((bound) => {
    const order = compare(parsed, bound.version);
    return bound.operator === '>=' ? order >= 0 : order < 0;
  });
}

function parseRange(range: string): readonly Bound[] {
  return range.trim().split(/\s+/).map(parseBound);
}

function parseBound(text: string): Bound {
  const match = /^(>=|<)(\d+\.\d+\.\d+)$/.exec(text);
  const version = match?.[2] === undefined ? undefined : readVersion(match[2]);
  if (version === undefined) {
    throw new KeelsonError('invalid-argument', `version bound ${text} must look like >=1.2.3 or <1.2.3`);
  }
  return { operator: match?.[1] === '<' ? '<' : '>=', version };
}

function compare(left: Version, right: Version): number {
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}
