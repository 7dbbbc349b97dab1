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
  if (forbidden.test(text) || !text.isWellFormed()) {
    throw scanner.cursor.error(
      'a control character stands in the text; remove it',
      Math.max(0, text.search(forbidden)),
    );
  }
  const first = scanner.peek();
  const root = opensExplicitly.has(first.kind)
    ? composeExplicit(scanner, first)
    : composeNode(scanner, prefixesOf([]));
  const { kind, at } = scanner.peek();
  return { root, end: kind === 'document-end' ? at + '...'.length : at };
}

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

/** Takes the directives before a document; answers with those that declare handles of tags. */
function readDirectives(scanner: Scanner, first: Token): Token[] {
  const handles: Token[] = [];
  let versions = 0;
  for (
    let token = first;
    token.kind === 'version' || token.kind === 'tag-directive';
    token = scanner.peek()
  ) {
    const isRepeated =
      token.kind === 'version' ? versions++ > 0 : handles.some(({ text }) => text === token.text);
    // The version of a supported one is the token's text.
    if (isRepeated || token.text === '') {
      throw scanner.cursor.error('a directive (%...) is not valid; remove it', token.at);
    }
    if (token.kind === 'tag-directive') handles.push(token);
    scanner.skip();
  }
  return handles;
}

/** What handles of tags stand for. */
function prefixesOf(directives: readonly Token[]): ReadonlyMap<string, string> {
  return new Map([
    ['!', '!'],
    ['!!', 'tag:yaml.org,2002:'],
    ...directives.map(({ text, suffix }): [string, string] => [text, suffix]),
  ]);
}
