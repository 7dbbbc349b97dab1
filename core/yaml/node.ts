/**
 * A scalar of which the value isn't known yet: a plain one, or one with a tag. Quoted texts and blocks without a tag
 * are strings from the start.
 */
export class Scalar {
  readonly text: string;
  readonly tag: string | undefined;
  /** Line of the document where it ends, from 1; 0 until known. */
  line = 0;
  /** Where in the text it ends. */
  end = 0;
  /** Whether it is the only entry of a list. */
  isEntry = false;
  /** Those of its document. */
  keys: Keys | undefined;
  #key: string | undefined;

  constructor(text: string, tag: string | undefined) {
    this.text = text;
    this.tag = tag;
  }

  /** The parser asks an object that is a key for its text unless its class is plain. */
  get [Symbol.toStringTag](): string {
    return 'Scalar';
  }

  /** A name of its own in a map, so that no key takes another's place before the values of both are known. */
  toString(): string {
    if (this.isEntry || this.keys === undefined) return listAsKey;
    this.#key ??= this.keys.add(this);
    return this.#key;
  }
}

/** No text of a file starts with this character, unless written as an escape. */
const keyMark = '\0';
const listAsKey = `${keyMark}[]`;

/** The scalars of a document that are keys, by the names that stand for them. */
export class Keys {
  readonly #scalars: Scalar[] = [];

  add(scalar: Scalar): string {
    this.#scalars.push(scalar);
    return `${keyMark}${this.#scalars.length - 1}`;
  }

  /** The scalar that a name stands for; undefined for a name that is a text of the file itself. */
  find(name: string): Scalar | undefined {
    return name.startsWith(keyMark) ? this.#scalars[Number(name.slice(keyMark.length))] : undefined;
  }
}

/** What the parser makes of a document. */
export type Node = Scalar | string | null | readonly Node[] | { readonly [key: string]: Node };
