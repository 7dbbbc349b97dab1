/** The words before a path; the language takes nothing but a literal behind them. */
const importing: ReadonlySet<string> = new Set(['import', 'importbin', 'importstr']);

/** One word, literal or other character of a text, and where it ends. */
type Token = {
  readonly end: number;
  readonly word?: string;
  readonly literal?: string;
};

/**
 * The paths that a Jsonnet text imports; undefined when one of them is written with escapes or the text has no end. Each
 * character is read once, as the language reads it: what comments and texts hold is no import.
 */
export function jsonnetImports(text: string): string[] | undefined {
  const paths: string[] = [];
  let isImport = false;
  for (let at = skipBlank(text, 0); at < text.length; ) {
    const token = readToken(text, at);
    if (token === undefined) return undefined;
    if (isImport && token.literal !== undefined) {
      if (token.literal.includes('\\') && text[at] !== '@') return undefined;
      paths.push(token.literal);
    }
    isImport = token.word !== undefined && importing.has(token.word);
    at = skipBlank(text, token.end);
  }
  return paths;
}

/** Where the next token begins, past blanks and comments. */
function skipBlank(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? '')) at += 1;
    else if (text[at] === '#' || text.startsWith('//', at)) at = endOf(text, '\n', at);
    else if (text.startsWith('/*', at)) at = endOf(text, '*/', at + 2);
    else break;
  }
  return at;
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at + mark.length;
}

/** The token that begins here; undefined when it has no end. */
function readToken(text: string, at: number): Token | undefined {
  const character = text[at] ?? '';
  if (character === '"' || character === "'") return readEscaped(text, at);
  if (character === '@' && (text[at + 1] === '"' || text[at + 1] === "'")) return readVerbatim(text, at + 1);
  if (text.startsWith('|||', at)) return readBlock(text, at);
  if (!isLetter(character)) return { end: at + 1 };
  let end = at + 1;
  while (isLetter(text[end] ?? '')) end += 1;
  return { end, word: text.slice(at, end) };
}

function isLetter(character: string): boolean {
  return /\w/.test(character);
}

function readEscaped(text: string, at: number): Token | undefined {
  for (let end = at + 1; end < text.length; end += 1) {
    if (text[end] === '\\') end += 1;
    else if (text[end] === text[at]) return { end: end + 1, literal: text.slice(at + 1, end) };
  }
  return undefined;
}

/** In a text behind an at sign a quote is written twice. */
function readVerbatim(text: string, at: number): Token | undefined {
  const quote = text[at] ?? '';
  for (let end = text.indexOf(quote, at + 1); end !== -1; end = text.indexOf(quote, end + 2)) {
    if (text[end + 1] === quote) continue;
    return { end: end + 1, literal: text.slice(at + 1, end).replaceAll(quote + quote, quote) };
  }
  return undefined;
}

/** A block of lines ends with the first one that is indented less than the first of them and is closed by bars. */
function readBlock(text: string, at: number): Token | undefined {
  let line = endOf(text, '\n', at);
  // Blank lines belong to the block, whatever is indented.
  while (text[line] === '\n') line += 1;
  const indent = text.slice(line, blanksFrom(text, line));
  if (indent === '') return undefined;
  while (line < text.length && (text[line] === '\n' || text.startsWith(indent, line))) {
    line = endOf(text, '\n', line);
  }
  const end = blanksFrom(text, line);
  return text.startsWith('|||', end) ? { end: end + 3 } : undefined;
}

function blanksFrom(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  return at;
}
