import { hostStart } from '../core/repository/url-user.ts';

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

/**
 * Takes time in proportion to the text: tools can be made to print anything. Whoever takes a URL for a path, as
 * Kustomize does after it has asked for it, leaves one slash of its two.
 */
function maskUrls(text: string): string {
  let masked = '';
  let from = 0;
  for (let mark = text.indexOf(':/'); mark !== -1; mark = text.indexOf(':/', from)) {
    let start = mark + 1;
    while (text[start] === '/') start++;
    const next = text.indexOf(':/', start);
    const end = next === -1 ? text.length : next;
    masked += text.slice(from, start) + (start === end ? '' : maskUrl(text.slice(start, end)));
    from = end;
  }
  return masked + text.slice(from);
}

/** A piece of text that begins behind the slashes of a URL. */
function maskUrl(piece: string): string {
  const end = piece.search(/[\s'"<>]/);
  const address = end === -1 ? piece : piece.slice(0, end);
  const start = hostStart(address);
  const shown = address.slice(start);
  const query = shown.indexOf('?');
  const masked = query === -1 ? shown : shown.slice(0, query) + maskParameters(shown.slice(query));
  return `${start === 0 ? '' : '****@'}${masked}${piece.slice(address.length)}`;
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
