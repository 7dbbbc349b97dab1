import { KeelsonError } from '../errors.ts';

/** Longest pattern: the time of a match grows with pattern times text, and a path has 4,096 characters at most. */
const longest = 1024;

/** Characters by their code points, from and to; all others where it is negated. */
export type CharacterClass = {
  readonly ranges: readonly (readonly [from: number, to: number])[];
  readonly negated: boolean;
};

/** One part of a glob, as it was written. */
export type GlobPart =
  | { readonly is: string }
  | { readonly of: CharacterClass }
  | { readonly either: readonly GlobPart[][] }
  | '?'
  | '*'
  | '**';

/** The parts of a glob in their order. Throws `invalid-argument` when it can't be read. */
export function readGlob(glob: string): GlobPart[] {
  requireLength(glob);
  return readParts([...glob], { at: 0 }, 0);
}

/** Throws `invalid-argument` for a glob that is too long. */
export function requireLength(glob: string): void {
  if (glob.length <= longest) return;
  throw new KeelsonError(
    'invalid-argument',
    `glob "${glob.slice(0, 100)}..." is longer than ${longest} characters; use several, or a shorter one`,
  );
}

/** Whether a part that stands for one character takes this one. */
export function takes(
  part: Extract<GlobPart, { is: string } | { of: CharacterClass }>,
  character: string,
): boolean {
  if ('is' in part) return part.is === character;
  const { ranges, negated } = part.of;
  const code = codeOf(character);
  return ranges.some(([from, to]) => code >= from && code <= to) !== negated;
}

function readParts(glob: readonly string[], place: { at: number }, depth: number): GlobPart[] {
  const parts: GlobPart[] = [];
  while (place.at < glob.length) {
    const character = glob[place.at] ?? '';
    if (depth > 0 && (character === ',' || character === '}')) break;
    const part = readPart(glob, place, depth);
    const before = parts.at(-1);
    // Asterisks side by side are one, which crosses the separator.
    if (part === '*' && (before === '*' || before === '**')) parts[parts.length - 1] = '**';
    else parts.push(part);
  }
  return parts;
}

function readPart(glob: readonly string[], place: { at: number }, depth: number): GlobPart {
  const character = glob[place.at] ?? '';
  const end = character === '[' ? glob.indexOf(']', place.at + 2) : -1;
  if (end !== -1) {
    const content = glob.slice(place.at + 1, end);
    place.at = end + 1;
    return { of: characterClass(content) };
  }
  place.at += 1;
  switch (character) {
    case '*':
      return '*';
    case '?':
      return '?';
    case '{':
      return { either: readAlternatives(glob, place, depth + 1) };
    case '\\': {
      const literal = glob[place.at] ?? '\\';
      place.at += 1;
      return { is: literal };
    }
    default:
      return { is: character };
  }
}

/** What stands between braces; one that isn't closed reaches to the end. */
function readAlternatives(glob: readonly string[], place: { at: number }, depth: number): GlobPart[][] {
  const either = [readParts(glob, place, depth)];
  while (glob[place.at] === ',') {
    place.at += 1;
    either.push(readParts(glob, place, depth));
  }
  place.at += 1;
  return either;
}

function characterClass(content: readonly string[]): CharacterClass {
  const negated = content[0] === '!';
  const members = negated ? content.slice(1) : content;
  const ranges: (readonly [number, number])[] = [];
  for (let at = 0; at < members.length; at += 1) {
    const isRange = members[at + 1] === '-' && at + 2 < members.length;
    const [from, to] = [codeOf(members[at]), codeOf(members[isRange ? at + 2 : at])];
    if (from > to) {
      throw new KeelsonError(
        'invalid-argument',
        `glob has the class [${content.join('')}], whose range ends before it begins; correct it`,
      );
    }
    ranges.push([from, to]);
    if (isRange) at += 2;
  }
  return { ranges, negated };
}

function codeOf(character = ''): number {
  return character.codePointAt(0) ?? 0;
}
