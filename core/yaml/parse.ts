import { loadAll, Schema, type State, Type, YAMLException } from 'js-yaml';
import { countLines } from './divide.ts';
import { maxDepth } from './file-kinds.ts';
import { Keys, type Node, Scalar } from './node.ts';
import { describeSyntax } from './syntax-words.ts';
import { UnreadableError } from './unreadable.ts';

// What the types of the parser leave out.
declare module 'js-yaml' {
  interface LoadOptions {
    maxDepth?: number;
  }
  interface State {
    anchor: string | null;
    tag: string | null;
  }
}

/** A document as the parser leaves it: the structure is known, what the scalars mean isn't. */
export type Parsed = {
  readonly root: Node;
  readonly keys: Keys;
  /** What places in the document are places of. */
  readonly text: string;
};

/** A document with more comments like this is refused: it is read once more for each. */
const mostComments = 20;

/** Parses one YAML document; throws an `UnreadableError` with a line of the text. */
export function parseDocument(text: string, comments = 0): Parsed {
  if (glued.test(text)) {
    throw new UnreadableError('is not valid YAML: text stands right behind ---; move it to the next line', 1);
  }
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableError('is nested too deeply; flatten it', 1);
    if (!(error instanceof YAMLException)) throw error;
    if (comments < mostComments && isCommentOfBlock(text, error)) {
      const at = error.mark.position;
      // No content changes: the place is the head of a block.
      return parseDocument(`${text.slice(0, at)} ${text.slice(at)}`, comments + 1);
    }
    // What is missing at the end is missing on the last line that has something on it.
    const last = countLines(text.trimEnd());
    throw new UnreadableError(describeSyntax(error), 1 + Math.min(error.mark.line, last));
  }
}

/** `---key` at the start is a key for Go's reader, and a mark for the parser. */
const glued = /^(?:[^\S\n]*(?:#[^\n]*)?\n)*---\S/;

/** Whether the parser stumbled over `key: |# comment`, which Go's reader takes. */
function isCommentOfBlock(text: string, { reason, mark }: YAMLException): boolean {
  return reason === 'a line break is expected' && text[mark.position] === '#';
}

function parse(text: string): Parsed {
  const keys = new Keys();
  const mayHaveGaps = gapAfterEscape.test(text);
  let opened = 0;
  const [root = null] = loadAll(text, null, {
    schema,
    // Of equal keys the last one counts.
    json: true,
    maxDepth,
    listener: (event, state) => {
      if (event === 'open') opened = state.position;
      else finish(state, text, keys);
      if (mayHaveGaps && event === 'close') refuseGap(text.slice(opened, state.position), state.line + 1);
    },
  });
  return { root: root as Node, keys, text };
}

/** A schema that knows no type but hands every scalar on as it is, with its tag. */
const schema = new Schema({
  implicit: [
    new Type('plain', {
      kind: 'scalar',
      resolve: () => true,
      construct: (text: string) => new Scalar(text, undefined),
    }),
  ],
  explicit: [
    new Type('', {
      kind: 'scalar',
      multi: true,
      resolve: () => true,
      // A plain one on the line after its tag has been taken for one without a tag.
      construct: (node: Scalar | string | null, tag) =>
        new Scalar(node instanceof Scalar ? node.text : (node ?? ''), tag),
    }),
    // Tags of lists and maps mean nothing to Go's reader: `!!set`, `!!omap` and unknown ones too.
    ...(['sequence', 'mapping'] as const).map(
      (kind) => new Type('', { kind, multi: true, resolve: () => true, construct: (node: unknown) => node }),
    ),
  ],
});

function finish(state: State, text: string, keys: Keys): void {
  const { result } = state;
  refuseAnchor(state);
  // The parser would merge by its own rules.
  if (state.tag === 'tag:yaml.org,2002:merge') state.tag = '!';
  if (state.kind === 'sequence') {
    const [only, more] = result;
    // The parser writes a list that is a key as the texts of its entries, and one alone would look like a key itself.
    if (more === undefined && only instanceof Scalar) only.isEntry = true;
  } else if (state.kind === null && state.tag === '!') {
    state.result = '';
  } else if (state.kind === 'scalar') {
    if (result instanceof Scalar && result.keys === undefined) {
      result.keys = keys;
      result.line = state.line + 1;
      result.end = state.position;
    }
    if (state.position > text.length && !/[\r\n]$/.test(text)) state.result = withoutAddedBreak(result, text);
  }
}

/** Go's reader ends the name of an anchor where the parser goes on. */
function refuseAnchor({ anchor, line }: State): void {
  if (anchor === null || /^[\w-]+$/.test(anchor)) return;
  throw new UnreadableError(
    'an anchor has a name with other characters than letters, digits, - and _; rename it',
    line + 1,
  );
}

const gapAfterEscape = /\\\r?\n[ \t]*\r?\n/;

/** An empty line after an escaped line break is a break of the text for Go's reader, and nothing for the parser. */
function refuseGap(source: string, line: number): void {
  if (!source.endsWith('"') || !gapAfterEscape.test(source)) return;
  throw new UnreadableError(
    'an empty line follows an escaped line break in double quotes; remove it, or write \\n',
    line,
  );
}

/** The parser ends the last line of a text with a break if there is none, and takes it for a part of a block there. */
function withoutAddedBreak(node: Scalar | string, text: string): Scalar | string {
  if (typeof node === 'string') return cutBreak(node, text);
  return Object.assign(new Scalar(cutBreak(node.text, text), node.tag), { line: node.line, end: node.end });
}

function cutBreak(value: string, text: string): string {
  const endsWithContent = /[^ \t\r\n][ \t]*$/.test(text);
  return endsWithContent || /(?:^|\n)[ \t]*\n$/.test(value) ? value.replace(/\n$/, '') : value;
}
