import { countLines } from './divide.ts';
import { UnreadableError } from './unreadable.ts';

const separators = /[\u2028\u2029]/g;

/**
 * Watches the line and paragraph separators (U+2028, U+2029) of a document. They break lines for Go's reader, in
 * comments too, and are characters like any other for the parser. Both agree on them inside quotes alone, away from
 * blanks; everything else is refused.
 */
export class LineSeparators {
  readonly #text: string;
  #left: number;

  constructor(text: string) {
    this.#text = text;
    this.#left = count(text);
  }

  /** Takes note of a text in quotes. */
  see(quoted: string): void {
    if (this.#left === 0) return;
    if (/[ \t][\u2028\u2029]|[\u2028\u2029][ \t]/.test(quoted)) this.#refuse();
    this.#left -= count(quoted);
  }

  /** Refuses the document when one of them is in no text that was seen. */
  check(): void {
    if (this.#left > 0) this.#refuse();
  }

  #refuse(): never {
    throw new UnreadableError(
      'a line separator (U+2028 or U+2029) stands in the text; remove it, or write it as \\u2028 in double quotes',
      1 + countLines(this.#text.slice(0, this.#text.search(separators))),
    );
  }
}

function count(text: string): number {
  return text.match(separators)?.length ?? 0;
}
