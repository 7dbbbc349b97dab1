const userInfo = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@'"]+@/gi;
const shortestSecret = 3;

/** Replaces the user part of every URL and each given secret, so that the text may be shown or stored. */
export function maskText(text: string, secrets: readonly string[] = []): string {
  let masked = text.replace(userInfo, '$1****@');
  // Longest first: a secret that contains another one would otherwise leave its remainder behind.
  const ordered = [...secrets].sort((left, right) => right.length - left.length);
  for (const secret of ordered) {
    if (secret.length < shortestSecret) continue;
    masked = masked.replaceAll(secret, '****').replaceAll(encodeURIComponent(secret), '****');
  }
  return masked;
}

/** The last lines of a tool's output, which is where tools say what went wrong, on one line of limited length. */
export function lastLines(text: string, limits: { lines?: number; characters?: number } = {}): string {
  const { lines = 6, characters = 1200 } = limits;
  const kept = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-lines)
    .join('; ');
  return kept.length > characters ? `...${kept.slice(-characters)}` : kept;
}
