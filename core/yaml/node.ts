/** A scalar of which the value isn't known yet. */
export class Scalar {
  readonly text: string;
  readonly tag: string | undefined;
  /** Whether it stands without quotes, or with the tag `!`, which means nothing: only then it may be more than a text. */
  readonly isPlain: boolean;
  /** Where in the text it begins. */
  readonly at: number;

  constructor(text: string, tag: string | undefined, isPlain: boolean, at: number) {
    this.text = text;
    this.tag = tag;
    this.isPlain = isPlain;
    this.at = at;
  }
}

/** A list; its tag means nothing. */
export class List {
  readonly items: Node[] = [];
}

/** A map of which neither the keys nor what is merged is known yet; its tag means nothing. */
export class Fields {
  readonly keys: Node[] = [];
  readonly values: Node[] = [];
}

/** A node that stands elsewhere too. */
export class Alias {
  readonly target: Node;
  readonly at: number;

  constructor(target: Node, at: number) {
    this.target = target;
    this.at = at;
  }
}

/** What a document is made of. */
export type Node = Scalar | List | Fields | Alias;
