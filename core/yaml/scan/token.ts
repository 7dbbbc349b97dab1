/** What a token is for the syntax. */
export type TokenKind =
  | 'stream-end'
  | 'version'
  | 'tag-directive'
  | 'document-start'
  | 'document-end'
  | 'block-list'
  | 'block-map'
  | 'block-end'
  | 'flow-list'
  | 'flow-list-end'
  | 'flow-map'
  | 'flow-map-end'
  | 'entry'
  | 'flow-entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

/** Where something stands: counted from 0, the line in breaks of all kinds. */
export type Position = { readonly at: number; readonly line: number; readonly column: number };

/** A token, and whether it may turn out to begin a key: only a colon on its line says so. */
export class Token {
  kind: TokenKind;
  /** Where in the text it begins. */
  readonly at: number;
  readonly line: number;
  readonly column: number;
  /** A scalar's text, the name of an anchor or alias, the handle of a tag. */
  text = '';
  /** What follows the handle of a tag; the prefix that a directive gives to one. */
  suffix = '';
  /** Whether a scalar stands without quotes. */
  isPlain = false;
  mayBeKey = false;
  mustBeKey = false;
  /** Whether it waits for what tells whether it is a key. */
  waits = false;
  /** Its place among all tokens, where it may be a key. */
  number = 0;
  /** How many characters stand before it, where it may be a key. */
  characters = 0;

  constructor(kind: TokenKind, place: Position) {
    this.kind = kind;
    this.at = place.at;
    this.line = place.line;
    this.column = place.column;
  }
}
