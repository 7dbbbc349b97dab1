/** Whether a text matches a pattern of `*`, `?`, `[a-z]` and `{a,b}`; anything without them is meant exactly. */
export function matchesGlob(pattern: string, text: string): boolean {
  return pattern === text || compiled(pattern)?.test(text) === true;
}

const known = new Map<string, RegExp | undefined>();

function compiled(pattern: string): RegExp | undefined {
  if (!/[*?[{]/.test(pattern)) return undefined;
  if (!known.has(pattern)) known.set(pattern, compile(pattern));
  return known.get(pattern);
}

function compile(pattern: string): RegExp | undefined {
  let depth = 0;
  const source = pattern.replaceAll(/\[[^\]]*\]|[\s\S]/g, (part) => {
    if (part === '{') depth++;
    const inside = depth > 0;
    if (part === '}' && inside) depth--;
    return (inside ? alternation[part] : undefined) ?? wildcard[part] ?? literal(part);
  });
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    // Safe: a pattern that can't be read matches nothing but itself.
    return undefined;
  }
}

const wildcard: Readonly<Record<string, string>> = { '*': '.*', '?': '.' };
const alternation: Readonly<Record<string, string>> = { '{': '(?:', ',': '|', '}': ')' };

function literal(part: string): string {
  if (part.length > 1) return part.replace(/^\[!/, '[^');
  return part.replace(/[\\^$.|+()[\]{}]/, String.raw`\$&`);
}
