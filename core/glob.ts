/**
 * A glob as the source options use it: `*` matches anything, `/` included; `?` one character; `[a-z]` and `[!a-z]` a
 * class; `{a,b}` either; a backslash takes the next character as it is.
 */
export function globPattern(glob: string): RegExp {
  let pattern = '';
  let depth = 0;
  for (let at = 0; at < glob.length; at += 1) {
    const character = glob[at] ?? '';
    const end = character === '[' ? glob.indexOf(']', at + 2) : -1;
    if (end !== -1) {
      pattern += classPattern(glob.slice(at + 1, end));
      at = end;
      continue;
    }
    if (character === '\\') {
      at += 1;
      pattern += literal(glob[at] ?? '\\');
      continue;
    }
    if (character === '{') depth += 1;
    pattern += partPattern(character, depth);
    if (character === '}' && depth > 0) depth -= 1;
  }
  return new RegExp(`^${pattern}${')'.repeat(depth)}$`, 's');
}

function partPattern(character: string, depth: number): string {
  switch (character) {
    case '*':
      return '.*';
    case '?':
      return '.';
    case '{':
      return '(?:';
    case '}':
      return depth > 0 ? ')' : '\\}';
    case ',':
      return depth > 0 ? '|' : ',';
    default:
      return literal(character);
  }
}

function classPattern(content: string): string {
  const negated = content.startsWith('!');
  const members = (negated ? content.slice(1) : content).replaceAll(/[\\\]^]/g, '\\$&');
  return `[${negated ? '^' : ''}${members}]`;
}

function literal(character: string): string {
  return character.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

const compiled = new Map<string, RegExp | undefined>();

/** Whether a text matches a glob; a glob that can't be read matches nothing. */
export function matchesGlob(glob: string, text: string): boolean {
  return glob === text || compile(glob)?.test(text) === true;
}

/** Whether a text can be read as a glob. */
export function isGlob(text: string): boolean {
  return compile(text) !== undefined;
}

function compile(glob: string): RegExp | undefined {
  if (!compiled.has(glob)) {
    // Globs come from settings and a few fields of specs; the bound is for a caller that makes them up.
    if (compiled.size >= 10_000) compiled.clear();
    compiled.set(glob, tryPattern(glob));
  }
  return compiled.get(glob);
}

function tryPattern(glob: string): RegExp | undefined {
  try {
    return globPattern(glob);
  } catch {
    // Safe: the caller is told that this is no glob; only an impossible range such as [z-a] comes here.
    return undefined;
  }
}
