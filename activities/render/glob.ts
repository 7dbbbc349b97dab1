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
