import { maxDepth, maxExpansion } from './file-kinds.ts';
import { keyText } from './key-text.ts';
import { LineSeparators } from './line-separators.ts';
import { type Keys, type Node, Scalar } from './node.ts';
import type { Parsed } from './parse.ts';
import { scalarValue } from './scalar.ts';
import { UnreadableError } from './unreadable.ts';

/** What a node weighs beside its text: about as much as its key and punctuation do in JSON. */
const nodeWeight = 8;

/** The value of a document as JSON has it; throws an `UnreadableError` for what has no form in JSON. */
export function jsonValueOf({ root, keys, text }: Parsed): unknown {
  const context: Context = {
    text,
    keys,
    active: new Set(),
    // Without aliases, neither the texts nor the nodes of a document are more than its characters.
    budget: text.length * (nodeWeight + 1) + maxExpansion,
    // A pair of escapes can make half a character, which no text may hold; looking for one costs time.
    escapes: text.includes('\\u') || text.includes('\\U'),
    separators: new LineSeparators(text),
    line: 1,
    depth: 0,
  };
  const value = convert(root, context);
  context.separators.check();
  return value;
}

type Context = {
  readonly text: string;
  readonly keys: Keys;
  /** Nodes being read, to refuse an anchor that contains itself. */
  readonly active: Set<Node>;
  readonly escapes: boolean;
  readonly separators: LineSeparators;
  budget: number;
  /** The last line that is known. */
  line: number;
  depth: number;
};

type Fields = { readonly [key: string]: Node };

function convert(node: Node, context: Context): unknown {
  if (node instanceof Scalar) {
    context.line = node.line;
    spend(node.text.length + nodeWeight, context);
    refuseQuestion(node, context);
    return scalarValue(node);
  }
  if (typeof node === 'string') {
    spend(node.length + nodeWeight, context);
    return quoted(node, context);
  }
  spend(nodeWeight, context);
  return node === null ? null : within(node, context, () => convertCollection(node, context));
}

function convertCollection(node: readonly Node[] | Fields, context: Context): unknown {
  if (isList(node)) return node.map((child) => convert(textOfPair(child, context) ?? child, context));
  const result: Record<string, unknown> = {};
  fill(result, node, context);
  return result;
}

/** `[a:]` has a text in it for Go's reader, and a pair without a value for the parser. */
function textOfPair(node: Node, context: Context): Scalar | undefined {
  if (node === null || typeof node !== 'object' || node instanceof Scalar || isList(node)) return undefined;
  let only: Scalar | undefined;
  for (const name in node) {
    if (node[name] !== null || only !== undefined) return undefined;
    only = context.keys.find(name);
  }
  return only === undefined ? undefined : withColon(only, context);
}

const mostBlanks = 100;

/** A scalar in brackets with the colon behind it, where that is a part of it: nothing separates it from what follows. */
function withColon(scalar: Scalar, { text }: Context): Scalar | undefined {
  if (!/^:[,\]}]/.test(text.slice(scalar.end, scalar.end + 2))) return undefined;
  const [blank = ''] =
    /[ \t]{0,100}$/.exec(text.slice(Math.max(0, scalar.end - mostBlanks), scalar.end)) ?? [];
  return Object.assign(new Scalar(`${scalar.text}${blank}:`, scalar.tag), { line: scalar.line });
}

/** Reads a node that has others in it. */
function within<Value>(node: Node, context: Context, read: () => Value): Value {
  if (context.active.has(node)) {
    throw new UnreadableError('an anchor contains itself; remove the alias', context.line);
  }
  if (context.depth >= maxDepth) throw new UnreadableError('is nested too deeply; flatten it', context.line);
  context.active.add(node);
  context.depth++;
  const value = read();
  context.depth--;
  context.active.delete(node);
  return value;
}

function fill(result: Record<string, unknown>, node: Fields, context: Context): void {
  for (const name in node) {
    const value = node[name] ?? null;
    const key = context.keys.find(name);
    if (key === undefined) {
      set(result, quotedKey(name, context), value, context);
      continue;
    }
    context.line = key.line;
    refuseQuestion(key, context);
    if (isMerge(key)) merge(result, value, context);
    else set(result, keyText(value === null ? (withColon(key, context) ?? key) : key), value, context);
  }
}

function set(result: Record<string, unknown>, name: string, value: Node, context: Context): void {
  // A plain assignment to this name would set the prototype instead of a field.
  if (name === '__proto__') {
    throw new UnreadableError('field "__proto__" is not allowed; rename it', context.line);
  }
  spend(name.length, context);
  result[name] = convert(value, context);
}

/** The parser writes a map or list that is a key as text: with this name, or with names of scalars in it. */
const mapAsKey = '[object Object]';

function quotedKey(name: string, context: Context): string {
  if (name === mapAsKey || name.includes('\0')) {
    throw new UnreadableError('a map key must be a text; put it in quotes', context.line);
  }
  return quoted(name, context);
}

function isMerge({ text, tag }: Scalar): boolean {
  return text === '<<' && (tag === undefined || tag === 'tag:yaml.org,2002:merge');
}

/** `<<` overwrites fields written before it and is overwritten by later ones: kubectl's order, not YAML's. */
function merge(result: Record<string, unknown>, value: Node, context: Context): void {
  const sources = isList(value) ? value.toReversed() : [value];
  for (const source of sources) {
    if (source === null || typeof source !== 'object' || source instanceof Scalar || isList(source)) {
      throw new UnreadableError('<< needs a map or a list of maps; give it one', context.line);
    }
    spend(nodeWeight, context);
    within(source, context, () => fill(result, source, context));
  }
}

/** Inside brackets a question mark begins a key for Go's reader, and is a part of the text for the parser. */
function refuseQuestion({ line, text: value }: Scalar, { text }: Context): void {
  if (!value.startsWith('?') || !/[[{,]\s*\?\S/.test(text)) return;
  throw new UnreadableError('a value in brackets starts with a question mark; put it in quotes', line);
}

function isList(node: Node): node is readonly Node[] {
  return Array.isArray(node);
}

function quoted(text: string, context: Context): string {
  context.separators.see(text);
  if (!context.escapes || text.isWellFormed()) return text;
  throw new UnreadableError('half a character stands in a text; complete the escapes \\u....', context.line);
}

function spend(weight: number, context: Context): void {
  context.budget -= weight;
  if (context.budget >= 0) return;
  throw new UnreadableError('grows too large when its aliases are expanded; use fewer aliases', context.line);
}
