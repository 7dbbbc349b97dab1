import { composeNode, nothing } from './compose.ts';
import type { Node } from './node.ts';
import { forbidden } from './scan/characters.ts';
import { Scanner } from './scan/scanner.ts';
import type { Token, TokenKind } from './scan/token.ts';

/** A document: its structure is known, what the scalars mean isn't. */
export type Parsed = {
  /** Undefined for a text without a document. */
  readonly root: Node | undefined;
  /** Where it ends for Go's reader, which looks at nothing behind it. */
  readonly end: number;
};

/** Parses the first YAML document of a text; throws an `UnreadableError` with a line of the text. */
export function parseDocument(text: string): Parsed {
  const scanner = new Scanner(text);
  if (!text.isWellFormed()) throw scanner.cursor.error(notUtf8, text.search(half));
  const control = text.search(forbidden);
  if (control !== -1)
    throw scanner.cursor.error('a control character stands in the text; remove it', control);
  const first = scanner.peek();
  const root = opensExplicitly.has(first.kind)
    ? composeExplicit(scanner, first)
    : composeNode(scanner, prefixesOf());
  const { kind, at } = scanner.peek();
  return { root, end: kind === 'document-end' ? at + '...'.length : at };
}

/** Half a character stands for bytes that are none. */
const half = /\p{Cs}/u;
const notUtf8 = 'what stands here is no UTF-8; write the file as UTF-8';

const opensExplicitly: ReadonlySet<TokenKind> = new Set([
  'version',
  'tag-directive',
  'document-start',
  'stream-end',
]);

function composeExplicit(scanner: Scanner, first: Token): Node | undefined {
  if (first.kind === 'stream-end') return undefined;
  const directives = readDirectives(scanner, first);
  const start = scanner.peek();
  if (start.kind !== 'document-start') {
    throw scanner.cursor.error('a directive (%...) is not followed by ---; remove it', start.at);
  }
  scanner.skip();
  const token = scanner.peek();
  return token.kind === 'document-end' || opensExplicitly.has(token.kind)
    ? nothing(token.at)
    : composeNode(scanner, prefixesOf(directives));
}

/** No tag that means something is as long, and each that uses a prefix has a copy of it. */
const longestPrefix = 64;

/** Takes the directives before a document; answers with what they say that handles of tags stand for. */
function readDirectives(scanner: Scanner, first: Token): ReadonlyMap<string, string> {
  const handles = new Map<string, string>();
  let versions = 0;
  for (
    let token = first;
    token.kind === 'version' || token.kind === 'tag-directive';
    token = scanner.peek()
  ) {
    const isRepeated = token.kind === 'version' ? versions++ > 0 : handles.has(token.text);
    // The version of a supported one is the token's text.
    if (isRepeated || token.text === '') {
      throw scanner.cursor.error('a directive (%...) is not valid; remove it', token.at);
    }
    if (token.kind === 'tag-directive') handles.set(token.text, token.suffix.slice(0, longestPrefix));
    scanner.skip();
  }
  return handles;
}

/** What handles of tags stand for. */
function prefixesOf(declared: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  return new Map([['!', '!'], ['!!', 'tag:yaml.org,2002:'], ...declared]);
}
