const shortestSecret = 3;
/** Parameters of URLs that say which files are meant, and nothing of who asks for them. */
const shownParameters = new Set(['ref', 'version', 'service', 'submodules', 'timeout', 'depth', 'go-get']);

/**
 * Replaces the user part and the parameters of every URL and each given secret, so that the text may be shown or
 * stored.
 */
export function maskText(text: string, secrets: readonly string[] = []): string {
  let masked = maskUrls(text);
  // Longest first: a secret that contains another one would otherwise leave its remainder behind.
  const ordered = [...secrets].sort((left, right) => right.length - left.length);
  for (const secret of ordered) {
    if (secret.length < shortestSecret) continue;
    masked = masked.replaceAll(secret, '****').replaceAll(encodeURIComponent(secret), '****');
  }
  return masked;
}

/** Takes time in proportion to the text: tools can be made to print anything. */
function maskUrls(text: string): string {
  const [before = '', ...rest] = text.split('://');
  return rest.reduce((done, piece) => `${done}://${maskUrl(piece)}`, before);
}

/** A piece of text that begins behind the `://` of a URL. */
function maskUrl(piece: string): string {
  const end = piece.search(/[\s'"<>]/);
  const address = end === -1 ? piece : piece.slice(0, end);
  const query = address.indexOf('?');
  const path = query === -1 ? address : address.slice(0, query);
  const rest = piece.slice(address.length);
  // A password may hold signs that should have been escaped, and then the address seems to begin within it.
  const inQuery = query !== -1 && hasPassword(path) && !path.includes('@') ? address.lastIndexOf('@') : -1;
  if (inQuery > query) return `****@${address.slice(inQuery + 1)}${rest}`;
  return `${maskUser(path)}${query === -1 ? '' : maskParameters(address.slice(query))}${rest}`;
}

/** With a password the user part may go beyond a slash; a path such as `/a@v1` alone is none. */
function maskUser(address: string): string {
  const slash = address.indexOf('/');
  const authority = slash === -1 ? address : address.slice(0, slash);
  const at = (hasPassword(address) ? address : authority).lastIndexOf('@');
  return at === -1 ? address : `****@${address.slice(at + 1)}`;
}

/** Whether there is a colon that no port follows, before the first slash. */
function hasPassword(address: string): boolean {
  const [authority = ''] = address.split('/', 1);
  const [host = authority] = authority.startsWith('[') ? authority.split(']').slice(1) : [authority];
  return /:(?!\d{1,5}$)/.test(host);
}

function maskParameters(query: string): string {
  const shown = query
    .slice(1)
    .split('&')
    .map((parameter) => {
      const [name = '', value] = parameter.split('=', 2);
      if (shownParameters.has(name)) return parameter;
      return value === undefined ? '****' : `${name}=****`;
    });
  return `?${shown.join('&')}`;
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
