import { maxDepth } from './file-kinds.ts';
import { Alias, Fields, List, type Node, Scalar } from './node.ts';
import type { Scanner } from './scan/scanner.ts';
import type { Token, TokenKind } from './scan/token.ts';
import type { UnreadableError } from './unreadable.ts';

/** Makes the node of a document out of its tokens; `prefixes` are what the handles of tags stand for. */
export function composeNode(scanner: Scanner, prefixes: ReadonlyMap<string, string>): Node {
  return new Composer(scanner, prefixes).node('block');
}

/** How a value may be written in its place; `loose` is where a list may stand at the column of its key. */
type Form = 'flow' | 'block' | 'loose';

/** What follows a value that was left out, by its place. */
const afterNothing = {
  entry: new Set<TokenKind>(['entry', 'block-end']),
  looseEntry: new Set<TokenKind>(['entry', 'key', 'value', 'block-end']),
  field: new Set<TokenKind>(['key', 'value', 'block-end']),
  flowListKey: new Set<TokenKind>(['value', 'flow-entry', 'flow-list-end']),
  flowListValue: new Set<TokenKind>(['flow-entry', 'flow-list-end']),
  flowMapKey: new Set<TokenKind>(['value', 'flow-entry', 'flow-map-end']),
  flowMapValue: new Set<TokenKind>(['flow-entry', 'flow-map-end']),
} as const;

/** The productions of YAML 1.1 as libyaml has them. */
class Composer {
  readonly #scanner: Scanner;
  readonly #prefixes: ReadonlyMap<string, string>;
  readonly #anchors = new Map<string, Node>();
  #depth = 0;

  constructor(scanner: Scanner, prefixes: ReadonlyMap<string, string>) {
    this.#scanner = scanner;
    this.#prefixes = prefixes;
  }

  node(form: Form): Node {
    const first = this.#scanner.peek();
    if (first.kind === 'alias') return this.#alias(first);
    const { token, anchor, tag } = this.#properties(first);
    if (token.kind === 'scalar') {
      this.#scanner.skip();
      const isPlain = tag === undefined ? token.isPlain : tag === '!';
      return this.#remember(anchor, new Scalar(token.text, tag, isPlain, token.at));
    }
    const node = this.#collection(token, form, anchor);
    if (node !== undefined) return node;
    if (anchor === undefined && tag === undefined) throw this.#unexpected(token);
    return this.#remember(anchor, new Scalar('', tag, tag === undefined, token.at));
  }

  #alias({ text, at }: Token): Alias {
    const target = this.#anchors.get(text);
    if (target === undefined) {
      throw this.#error(
        'an alias has no anchor of its name before it; add the anchor, or put the value in quotes',
        at,
      );
    }
    this.#scanner.skip();
    return new Alias(target, at);
  }

  /** Takes an anchor and a tag, in either order; answers with what follows them. */
  #properties(first: Token): { token: Token; anchor?: string; tag?: string } {
    if (first.kind !== 'anchor' && first.kind !== 'tag') return { token: first };
    const second = this.#next();
    const isPair = second.kind === (first.kind === 'anchor' ? 'tag' : 'anchor');
    const [anchor, tag] = first.kind === 'anchor' ? [first, second] : [second, first];
    return {
      token: isPair ? this.#next() : second,
      ...(isPair || anchor === first ? { anchor: anchor.text } : {}),
      ...(isPair || tag === first ? { tag: this.#tag(tag) } : {}),
    };
  }

  #tag({ text: handle, suffix, at }: Token): string {
    if (handle === '') return suffix;
    const prefix = this.#prefixes.get(handle);
    if (prefix !== undefined) return prefix + suffix;
    throw this.#error('a tag has a handle that is not declared; remove the tag', at);
  }

  #remember<Some extends Node>(anchor: string | undefined, node: Some): Some {
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    return node;
  }

  #collection({ kind, at }: Token, form: Form, anchor: string | undefined): Node | undefined {
    const isInFlow = kind === 'flow-list' || kind === 'flow-map';
    const isInBlock = form !== 'flow' && (kind === 'block-list' || kind === 'block-map');
    if (!isInFlow && !isInBlock && !(form === 'loose' && kind === 'entry')) return undefined;
    if (this.#depth >= maxDepth) throw this.#scanner.cursor.refusal('is nested too deeply; flatten it', at);
    this.#depth++;
    // Before it is filled: what is in it may name it.
    const node = this.#remember(anchor, kind.endsWith('map') ? new Fields() : new List());
    if (node instanceof Fields) this.#fillFields(node, isInFlow);
    else if (kind === 'entry') this.#looseList(node);
    else this.#fillList(node, isInFlow);
    this.#depth--;
    return node;
  }

  #fillFields(fields: Fields, isInFlow: boolean): void {
    this.#scanner.skip();
    if (isInFlow) this.#flowFields(fields);
    else this.#blockFields(fields);
    this.#scanner.skip();
  }

  #fillList(list: List, isInFlow: boolean): void {
    this.#scanner.skip();
    if (isInFlow) this.#flowList(list);
    else this.#blockList(list);
    this.#scanner.skip();
  }

  /** Entries up to the end of the block. */
  #blockList({ items }: List): void {
    for (let token = this.#scanner.peek(); token.kind !== 'block-end'; token = this.#scanner.peek()) {
      if (token.kind !== 'entry') throw this.#unexpected(token);
      this.#scanner.skip();
      items.push(this.#nodeUnless(afterNothing.entry, 'block'));
    }
  }

  /** Entries at the column of the key before them, up to whatever is none. */
  #looseList({ items }: List): void {
    while (this.#scanner.peek().kind === 'entry') {
      this.#scanner.skip();
      items.push(this.#nodeUnless(afterNothing.looseEntry, 'block'));
    }
  }

  #blockFields({ keys, values }: Fields): void {
    for (let token = this.#scanner.peek(); token.kind !== 'block-end'; token = this.#scanner.peek()) {
      if (token.kind !== 'key') throw this.#unexpected(token);
      this.#scanner.skip();
      keys.push(this.#nodeUnless(afterNothing.field, 'loose'));
      values.push(this.#value(afterNothing.field, 'loose'));
    }
  }

  #flowList({ items }: List): void {
    for (let token = this.#scanner.peek(); token.kind !== 'flow-list-end'; token = this.#scanner.peek()) {
      if (items.length > 0 && this.#skipComma(token).kind === 'flow-list-end') return;
      items.push(this.#scanner.peek().kind === 'key' ? this.#pair() : this.node('flow'));
    }
  }

  /** A key with its value as an entry of a list is a map of its own. */
  #pair(): Fields {
    const pair = new Fields();
    const { at, kind } = this.#next();
    if (afterNothing.flowListKey.has(kind)) {
      // Whatever it is, it is taken for the key.
      this.#scanner.skip();
      pair.keys.push(nothing(at));
    } else {
      pair.keys.push(this.node('flow'));
    }
    pair.values.push(this.#value(afterNothing.flowListValue, 'flow'));
    return pair;
  }

  #flowFields({ keys, values }: Fields): void {
    for (let token = this.#scanner.peek(); token.kind !== 'flow-map-end'; token = this.#scanner.peek()) {
      if (keys.length > 0 && this.#skipComma(token).kind === 'flow-map-end') return;
      if (this.#scanner.peek().kind === 'key') {
        this.#scanner.skip();
        keys.push(this.#nodeUnless(afterNothing.flowMapKey, 'flow'));
        values.push(this.#value(afterNothing.flowMapValue, 'flow'));
      } else {
        const key = this.node('flow');
        keys.push(key);
        values.push(nothing(token.at));
      }
    }
  }

  #skipComma(token: Token): Token {
    if (token.kind === 'flow-entry') return this.#next();
    throw this.#error('a comma or closing bracket is missing; add it', token.at);
  }

  /** The value behind a colon; nothing where there is none. */
  #value(after: ReadonlySet<TokenKind>, form: Form): Node {
    const token = this.#scanner.peek();
    if (token.kind !== 'value') return nothing(token.at);
    this.#scanner.skip();
    return this.#nodeUnless(after, form);
  }

  #nodeUnless(after: ReadonlySet<TokenKind>, form: Form): Node {
    const { kind, at } = this.#scanner.peek();
    return after.has(kind) ? nothing(at) : this.node(form);
  }

  #next(): Token {
    this.#scanner.skip();
    return this.#scanner.peek();
  }

  #unexpected({ kind, at }: Token): UnreadableError {
    return this.#error(
      unexpected[kind] ?? 'the indentation does not fit the lines above; align it with spaces',
      at,
    );
  }

  #error(problem: string, at: number): UnreadableError {
    return this.#scanner.cursor.error(problem, at);
  }
}

/** What is wrong where a token stands that can't. */
const unexpected: { readonly [Kind in TokenKind]?: string } = {
  'document-start': 'a closing quote or bracket is missing; add it',
  'document-end': 'a closing quote or bracket is missing; add it',
  'stream-end': 'a closing quote or bracket is missing; add it',
  'flow-entry': 'a comma stands where a value is expected; remove it',
  'flow-list-end': 'a closing bracket stands where a value is expected; remove it',
  'flow-map-end': 'a closing bracket stands where a value is expected; remove it',
  value: 'a colon has no key before it; add the key',
};

/** The value that stands for one that was left out. */
export function nothing(at: number): Scalar {
  return new Scalar('', undefined, true, at);
}
