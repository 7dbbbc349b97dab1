import { UnreadableError } from '../unreadable.ts';
import { endMark, isBlank, isBreak, isLineEnd, isWordEnd } from './characters.ts';

const [hash, carriageReturn, lineFeed] = [35, 13, 10];

/** A place in a text that moves on. */
export class Cursor {
  readonly text: string;
  at = 0;
  /** Breaks before the place. */
  line = 0;
  #lineStart = 0;
  readonly #hasLineFeedsAlone: boolean;
  readonly #hasWideCharacters: boolean;
  #countedTo = 0;
  #pairs = 0;

  constructor(text: string) {
    this.text = text + endMark;
    this.#hasLineFeedsAlone = !/[\r\u0085\u2028\u2029]/.test(text);
    this.#hasWideCharacters = /[\ud800-\udbff]/.test(text);
  }

  /** The code of the character at the place, or of one further on; 0 at the end. */
  peek(ahead = 0): number {
    return this.text.charCodeAt(this.at + ahead);
  }

  get column(): number {
    return this.at - this.#lineStart;
  }

  /** Characters before the place, of which some are two units; counted once, since the place never goes back. */
  get characters(): number {
    if (!this.#hasWideCharacters) return this.at;
    for (; this.#countedTo < this.at; this.#countedTo++) {
      if ((this.text.charCodeAt(this.#countedTo) & 0xfc00) === 0xd800) this.#pairs++;
    }
    return this.at - this.#pairs;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length - 1;
  }

  /** Moves behind the break at the place. */
  skipBreak(): void {
    this.at += this.peek() === carriageReturn && this.peek(1) === lineFeed ? 2 : 1;
    this.line++;
    this.#lineStart = this.at;
  }

  /** Ends the last line of the text, where it has no break. */
  endLastLine(): void {
    if (this.column === 0) return;
    this.line++;
    this.#lineStart = this.at;
  }

  skipBlanks(): void {
    while (isBlank(this.peek())) this.at++;
  }

  /** Moves to the end of the line where a comment stands at the place. */
  skipComment(): void {
    if (this.peek() === hash) this.skipLine();
  }

  /** Moves to the end of the line. */
  skipLine(): void {
    if (this.#hasLineFeedsAlone) {
      const end = this.text.indexOf('\n', this.at);
      this.at = end === -1 ? this.text.length - 1 : end;
      return;
    }
    while (!isLineEnd(this.peek())) this.at++;
  }

  /** Moves to the next line over blanks and a comment; answers whether there was nothing else. */
  skipToNextLine(): boolean {
    this.skipBlanks();
    this.skipComment();
    if (!isLineEnd(this.peek())) return false;
    if (isBreak(this.peek())) this.skipBreak();
    return true;
  }

  /** Whether `---` or `...` stands here, which ends a document. */
  isAtMark(): boolean {
    if (this.at !== this.#lineStart) return false;
    const first = this.peek();
    if (first !== 45 && first !== 46) return false;
    return this.peek(1) === first && this.peek(2) === first && isWordEnd(this.peek(3));
  }

  /** An error of syntax at a place. */
  error(problem: string, at = this.at): UnreadableError {
    return this.refusal(`is not valid YAML: ${problem}`, at);
  }

  /** An error at a place, in words of its own. */
  refusal(problem: string, at = this.at): UnreadableError {
    return UnreadableError.at(problem, this.text.slice(0, -1), at);
  }
}
