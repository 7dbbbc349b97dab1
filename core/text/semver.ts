/** A version with its prerelease parts; build metadata has no order and is dropped. */
type Version = {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly prerelease: readonly string[];
};

/** How many leading numbers of a constraint were written: `1.x` has one. */
type Comparator = { readonly operator: string; readonly version: Version; readonly given: 0 | 1 | 2 | 3 };

const versionPattern =
  /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$/;
const operatorPattern = /\s*(=<|=>|<=|>=|~>|!=|[=<>~^]|)\s*/y;
const versionLike = /v?(?:\d+|[xX*])(?:\.(?:\d+|[xX*])){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?/y;
const hyphenPattern = /\s+-\s+/y;
const blankPattern = /\s*/y;

/**
 * The highest version among the names that a constraint admits (`*`, `1.x`, `>=1 <2`, `^1.2`, `~1.2 || 3`). Text that
 * is itself a version pins a name and is no constraint; other text is no constraint either: both give nothing.
 * Prereleases count only when the constraint itself has one.
 */
export function highestMatch(constraint: string, names: readonly string[]): string | undefined {
  if (parseVersion(constraint) !== undefined) return undefined;
  const alternatives = parseConstraint(constraint);
  if (alternatives === undefined) return undefined;
  let best: { name: string; version: Version } | undefined;
  for (const name of names) {
    const version = parseVersion(name);
    if (version === undefined) continue;
    if (!alternatives.some((all) => all.every((one) => admits(one, version)))) continue;
    if (best === undefined || compare(version, best.version) > 0) best = { name, version };
  }
  return best?.name;
}

/** Whether text is one version with all three numbers, which names itself and needs no look-up. */
export function isFullVersion(text: string): boolean {
  return parseVersion(text) !== undefined && /^v?\d+\.\d+\.\d+/.test(text);
}

/** Whether text is a constraint on versions (`1.x`, `>=1 <2`, `*`) and no version itself. */
export function isConstraint(text: string): boolean {
  return parseVersion(text) === undefined && parseConstraint(text) !== undefined;
}

/** The same names, highest version first; what is no version comes last, in its order. */
export function newestFirst(names: readonly string[]): string[] {
  const read = names.map((name) => ({ name, version: parseVersion(name) }));
  read.sort((left, right) => {
    if (left.version === undefined) return right.version === undefined ? 0 : 1;
    return right.version === undefined ? -1 : compare(right.version, left.version);
  });
  return read.map(({ name }) => name);
}

function parseVersion(text: string): Version | undefined {
  const match = versionPattern.exec(text);
  if (match === null) return undefined;
  const [, major = '0', minor = '0', patch = '0', prerelease] = match;
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch),
    prerelease: prerelease === undefined ? [] : prerelease.split('.'),
  };
}

function parseConstraint(text: string): Comparator[][] | undefined {
  const alternatives: Comparator[][] = [];
  for (const part of text.split('||')) {
    const comparators = parseComparators(part.trim());
    if (comparators === undefined) return undefined;
    alternatives.push(comparators);
  }
  return alternatives;
}

function parseComparators(text: string): Comparator[] | undefined {
  const comparators: Comparator[] = [];
  const place = { text, at: 0 };
  while (place.at < text.length) {
    const read = readComparators(place);
    if (read === undefined) return undefined;
    comparators.push(...read);
    const isApart = take(place, blankPattern)?.[0] !== '' || /[=<>~^!]/.test(text[place.at] ?? '');
    if (text[place.at] === ',') place.at += 1;
    else if (!isApart && place.at < text.length) return undefined;
  }
  return comparators.length === 0 ? undefined : comparators;
}

type Place = { readonly text: string; at: number };

/** One comparator, or the two that `1.2 - 1.4` stands for. */
function readComparators(place: Place): Comparator[] | undefined {
  const operator = take(place, operatorPattern)?.[1] ?? '';
  const version = take(place, versionLike)?.[0];
  if (version === undefined) return undefined;
  if (take(place, hyphenPattern) === undefined) return [comparatorOf(operator || '=', version)];
  const highest = take(place, versionLike)?.[0];
  if (operator !== '' || highest === undefined) return undefined;
  return [comparatorOf('>=', version), comparatorOf('<=', highest)];
}

/** What a sticky pattern matches here, which is then behind. */
function take(place: Place, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = place.at;
  const match = pattern.exec(place.text) ?? undefined;
  place.at += match?.[0].length ?? 0;
  return match;
}

function comparatorOf(operator: string, text: string): Comparator {
  const [withoutBuild = ''] = text.replace(/^v/, '').split('+');
  const dash = withoutBuild.indexOf('-');
  const numbers = (dash === -1 ? withoutBuild : withoutBuild.slice(0, dash)).split('.');
  const wildcard = numbers.findIndex((one) => /^[xX*]$/.test(one));
  const written = numbers.slice(0, wildcard === -1 ? numbers.length : wildcard);
  const [major = 0, minor = 0, patch = 0] = written.map(Number);
  const prerelease = dash === -1 ? [] : withoutBuild.slice(dash + 1).split('.');
  const given = written.length === 0 ? 0 : written.length === 1 ? 1 : written.length === 2 ? 2 : 3;
  return { operator, version: { major, minor, patch, prerelease }, given };
}

function admits(comparator: Comparator, version: Version): boolean {
  const { operator, version: bound, given } = comparator;
  if (version.prerelease.length > 0 && bound.prerelease.length === 0) return false;
  switch (operator) {
    case '=':
      return given === 3 ? compare(version, bound) === 0 : samePrefix(comparator, version);
    case '!=':
      return given === 3 ? compare(version, bound) !== 0 : !samePrefix(comparator, version);
    case '>':
      return compare(version, bound) > 0 && (given === 3 || !samePrefix(comparator, version));
    case '<':
      return compare(version, bound) < 0;
    case '>=':
    case '=>':
      return compare(version, bound) >= 0;
    case '<=':
    case '=<':
      return compare(version, bound) <= 0 || (given < 3 && samePrefix(comparator, version));
    case '^':
      return compare(version, bound) >= 0 && sameCaret(comparator, version);
    default:
      return compare(version, bound) >= 0 && sameTilde(comparator, version);
  }
}

/** Whether the numbers that the constraint writes out are equal; a bare wildcard writes none. */
function samePrefix({ version: bound, given }: Comparator, version: Version): boolean {
  if (given >= 1 && version.major !== bound.major) return false;
  if (given >= 2 && version.minor !== bound.minor) return false;
  return given < 3 || version.patch === bound.patch;
}

function sameTilde({ version: bound, given }: Comparator, version: Version): boolean {
  if (given === 0) return true;
  // `~0.0.0` admits everything, a documented special case of the constraint language.
  if (given === 3 && bound.major === 0 && bound.minor === 0 && bound.patch === 0) return true;
  return version.major === bound.major && (given === 1 || version.minor === bound.minor);
}

function sameCaret({ version: bound, given }: Comparator, version: Version): boolean {
  if (given === 0) return true;
  if (bound.major > 0 || given === 1) return version.major === bound.major;
  if (version.major > 0) return false;
  if (bound.minor > 0 || given === 2) return version.minor === bound.minor;
  return version.minor === 0 && version.patch === bound.patch;
}

function compare(left: Version, right: Version): number {
  return (
    left.major - right.major ||
    left.minor - right.minor ||
    left.patch - right.patch ||
    comparePrerelease(left.prerelease, right.prerelease)
  );
}

function comparePrerelease(left: readonly string[], right: readonly string[]): number {
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [a, b] = [left[index], right[index]];
    if (a === undefined) return -1;
    if (b === undefined) return 1;
    if (a !== b) return compareIdentifier(a, b);
  }
  return 0;
}

function compareIdentifier(left: string, right: string): number {
  const [leftIsNumber, rightIsNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (leftIsNumber && rightIsNumber) return Number(left) - Number(right);
  if (leftIsNumber !== rightIsNumber) return leftIsNumber ? -1 : 1;
  return left < right ? -1 : 1;
}
