import { scanBlock } from './block.ts';
import { isBlank, isBreak, isWordEnd } from './characters.ts';
import { Cursor } from './cursor.ts';
import { scanPlain } from './plain.ts';
import { scanQuoted } from './quoted.ts';
import { scanAnchor, scanDirective, scanTag } from './tag.ts';
import { Token, type TokenKind } from './token.ts';
import { TokenQueue } from './token-queue.ts';

const [tab, space, dash, question, colon, percent] = [9, 32, 45, 63, 58, 37];

/** What a character begins wherever it stands. */
const starts: ReadonlyMap<number, (scanner: Scanner) => void> = new Map(
  Object.entries({
    '[': (scanner: Scanner) => scanner.openFlow('flow-list'),
    '{': (scanner: Scanner) => scanner.openFlow('flow-map'),
    ']': (scanner: Scanner) => scanner.closeFlow('flow-list-end'),
    '}': (scanner: Scanner) => scanner.closeFlow('flow-map-end'),
    ',': (scanner: Scanner) => scanner.fetchComma(),
    '*': (scanner: Scanner) => scanner.fetchAnchor('alias'),
    '&': (scanner: Scanner) => scanner.fetchAnchor('anchor'),
    '!': (scanner: Scanner) => scanner.fetchTag(),
    "'": (scanner: Scanner) => scanner.fetchQuoted(),
    '"': (scanner: Scanner) => scanner.fetchQuoted(),
  }).map(([character, fetch]) => [character.charCodeAt(0), fetch]),
);

/** In characters, from the beginning of a key to its colon. */
const longestKey = 1024;

/** No plain text begins with one of these. */
const noStart: ReadonlySet<number> = new Set([...'|>%@`'].map((character) => character.charCodeAt(0)));

/**
 * Divides a YAML document into tokens as libyaml does, whose rules Go's reader has: the end of a block is told by its
 * column, and what a key is by the colon behind it, on the same line and within 1,024 characters.
 */
export class Scanner {
  readonly cursor: Cursor;
  readonly #queue = new TokenQueue();
  /** The token that may be a key on each level of brackets, the outermost first. */
  readonly #keys: (Token | undefined)[] = [undefined];
  /** The brackets that are open. */
  readonly #openers: Token[] = [];
  #allowsKey = true;
  readonly #indents: number[] = [];
  #indent = -1;

  constructor(text: string) {
    this.cursor = new Cursor(text);
  }

  /** The next token; what follows it is looked at only as far as it decides what this one is. */
  peek(): Token {
    for (;;) {
      const { first } = this.#queue;
      if (first !== undefined && !(first.waits && first.mayBeKey && this.#isStillKey(first))) return first;
      this.#fetch();
    }
  }

  /** Goes on behind the next token. */
  skip(): void {
    this.#queue.shift();
  }

  #fetch(): void {
    this.#skipToToken();
    const { cursor } = this;
    if (!this.#isInFlow) this.#unroll(cursor.column);
    const character = cursor.peek();
    if (cursor.isAtEnd) this.#fetchEnd();
    else if (character === percent && cursor.column === 0) this.#fetchDirective();
    else if (cursor.isAtMark()) this.#fetchMark(character === dash ? 'document-start' : 'document-end');
    else this.#fetchContent(character);
  }

  get #isInFlow(): boolean {
    return this.#keys.length > 1;
  }

  #skipToToken(): void {
    const { cursor } = this;
    for (;;) {
      const mayBeTab = this.#isInFlow || !this.#allowsKey;
      for (let at = cursor.peek(); at === space || (mayBeTab && at === tab); at = cursor.peek()) cursor.at++;
      cursor.skipComment();
      if (!isBreak(cursor.peek())) return;
      cursor.skipBreak();
      if (!this.#isInFlow) this.#allowsKey = true;
    }
  }

  #fetchContent(character: number): void {
    const fetch = starts.get(character);
    if (fetch !== undefined) {
      fetch(this);
      return;
    }
    const { cursor } = this;
    const isInFlow = this.#isInFlow;
    const isApart = isWordEnd(cursor.peek(1));
    if (character === dash && isApart) {
      this.#fetchEntry();
    } else if (character === question && (isInFlow || isApart)) {
      this.#fetchKey();
    } else if (character === colon && (isInFlow || isApart)) {
      this.#fetchValue();
    } else if ((character === 124 || character === 62) && !isInFlow) {
      this.#fetchBlock();
    } else if (isBlank(character)) {
      throw cursor.error('a tab is used for indentation; use spaces');
    } else if (noStart.has(character)) {
      throw cursor.error('a value starts with a character that none can start with; put it in quotes');
    } else {
      this.#fetchPlain();
    }
  }

  /** Whether a token may still be a key; an error when it has to be one. */
  #isStillKey(token: Token): boolean {
    const { cursor } = this;
    if (token.line === cursor.line && cursor.characters - token.characters <= longestKey) return true;
    this.#dropKey(token);
    return false;
  }

  #dropKey(token: Token): void {
    if (token.mustBeKey)
      throw this.cursor.error('a key has no colon after it; add it, or align the line', token.at);
    token.mayBeKey = false;
  }

  /** Drops what may be a key on this level of brackets. */
  #dropKeys(): void {
    const key = this.#keys.at(-1);
    if (key?.mayBeKey === true) this.#dropKey(key);
  }

  #token(kind: TokenKind): Token {
    return new Token(kind, this.cursor);
  }

  /** A token that may be a key where one is allowed. */
  #keyToken(kind: TokenKind): Token {
    const token = this.#token(kind);
    if (!this.#allowsKey) return token;
    this.#dropKeys();
    token.mayBeKey = true;
    token.waits = true;
    token.mustBeKey = !this.#isInFlow && this.#indent === this.cursor.column;
    token.number = this.#queue.nextNumber;
    token.characters = this.cursor.characters;
    this.#keys[this.#keys.length - 1] = token;
    return token;
  }

  /** Begins a block at a key, or here, where that is deeper than the block around it. */
  #roll(kind: 'block-list' | 'block-map', key?: Token): void {
    const place = key ?? this.cursor;
    if (this.#isInFlow || this.#indent >= place.column) return;
    this.#indents.push(this.#indent);
    this.#indent = place.column;
    if (key === undefined) this.#queue.push(new Token(kind, place));
    else this.#queue.insert(key.number, new Token(kind, place));
  }

  /** Ends the blocks that are deeper than a column. */
  #unroll(column: number): void {
    while (this.#indent > column) {
      this.#queue.push(this.#token('block-end'));
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  /** Adds a token of some characters. */
  #push(kind: TokenKind, length: number): void {
    this.#queue.push(this.#token(kind));
    this.cursor.at += length;
  }

  #fetchEnd(): void {
    // No key goes on behind it.
    this.cursor.endLastLine();
    this.#endBlocks();
    this.#push('stream-end', 0);
  }

  #endBlocks(): void {
    if (!this.#isInFlow) this.#unroll(-1);
    this.#dropKeys();
    this.#allowsKey = false;
  }

  #fetchMark(kind: 'document-start' | 'document-end'): void {
    this.#endBlocks();
    this.#push(kind, '---'.length);
  }

  #fetchDirective(): void {
    this.#endBlocks();
    const { at, line, column } = this.cursor;
    const directive = scanDirective(this.cursor);
    const token = new Token(directive.kind, { at, line, column });
    if (directive.kind === 'tag-directive') {
      token.text = directive.handle;
      token.suffix = directive.prefix;
    } else if (directive.isSupported) {
      token.text = '1.1';
    }
    this.#queue.push(token);
  }

  openFlow(kind: 'flow-list' | 'flow-map'): void {
    const token = this.#keyToken(kind);
    this.#queue.push(token);
    this.#openers.push(token);
    this.#keys.push(undefined);
    this.#allowsKey = true;
    this.cursor.at++;
  }

  closeFlow(kind: 'flow-list-end' | 'flow-map-end'): void {
    this.#dropKeys();
    const opener = this.#openers.pop();
    // Go's reader forgets that it waits for the colon behind brackets without a text in them: `[]: 1` is a list to it.
    if (opener !== undefined && this.#keys.pop() === undefined) opener.waits = false;
    this.#allowsKey = false;
    this.#push(kind, 1);
  }

  fetchComma(): void {
    this.#dropKeys();
    this.#allowsKey = true;
    this.#push('flow-entry', 1);
  }

  #fetchEntry(): void {
    if (!this.#isInFlow) {
      if (!this.#allowsKey)
        throw this.cursor.error('a "-" stands where no list can begin; move it to the next line');
      this.#roll('block-list');
    }
    this.#dropKeys();
    this.#allowsKey = true;
    this.#push('entry', 1);
  }

  #fetchKey(): void {
    if (!this.#isInFlow) {
      if (!this.#allowsKey)
        throw this.cursor.error('a "?" stands where no key can begin; put the value in quotes');
      this.#roll('block-map');
    }
    this.#dropKeys();
    this.#allowsKey = !this.#isInFlow;
    this.#push('key', 1);
  }

  #fetchValue(): void {
    const key = this.#keys.at(-1);
    if (key?.mayBeKey === true && this.#isStillKey(key)) {
      this.#queue.insert(key.number, new Token('key', key));
      this.#roll('block-map', key);
      key.mayBeKey = false;
      this.#allowsKey = false;
    } else {
      if (!this.#isInFlow) {
        if (!this.#allowsKey)
          throw this.cursor.error('a second ": " stands in a line; put the value in quotes');
        this.#roll('block-map');
      }
      this.#allowsKey = !this.#isInFlow;
    }
    this.#push('value', 1);
  }

  fetchAnchor(kind: 'alias' | 'anchor'): void {
    const token = this.#keyToken(kind);
    this.#allowsKey = false;
    token.text = scanAnchor(this.cursor);
    this.#queue.push(token);
  }

  fetchTag(): void {
    const token = this.#keyToken('tag');
    this.#allowsKey = false;
    const { handle, suffix } = scanTag(this.cursor);
    token.text = handle;
    token.suffix = suffix;
    this.#queue.push(token);
  }

  fetchQuoted(): void {
    const token = this.#keyToken('scalar');
    this.#allowsKey = false;
    token.text = scanQuoted(this.cursor);
    this.#queue.push(token);
  }

  #fetchBlock(): void {
    this.#dropKeys();
    this.#allowsKey = true;
    const token = this.#token('scalar');
    token.text = scanBlock(this.cursor, this.#indent);
    this.#queue.push(token);
  }

  #fetchPlain(): void {
    const token = this.#keyToken('scalar');
    const { text, hasLeftLine } = scanPlain(this.cursor, {
      indent: this.#indent + 1,
      isInFlow: this.#isInFlow,
    });
    token.text = text;
    token.isPlain = true;
    this.#allowsKey = hasLeftLine;
    this.#queue.push(token);
  }
}
