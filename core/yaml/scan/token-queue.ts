import type { Token } from './token.ts';

/** Tokens that nobody has taken yet, numbered through the whole text. */
export class TokenQueue {
  readonly #tokens: Token[] = [];
  #head = 0;
  #taken = 0;

  get first(): Token | undefined {
    return this.#tokens[this.#head];
  }

  /** The number of the token that comes next. */
  get nextNumber(): number {
    return this.#taken + this.#tokens.length - this.#head;
  }

  push(token: Token): void {
    this.#tokens.push(token);
  }

  /** Puts a token before the one that has a number, which changes the numbers of all that follow. */
  insert(number: number, token: Token): void {
    const index = number - this.#taken;
    // Go's reader has no other place for the key that a taken one turns out to be.
    if (index < 0) this.push(token);
    else this.#tokens.splice(this.#head + index, 0, token);
  }

  shift(): void {
    this.#taken++;
    this.#head++;
    if (this.#head < this.#tokens.length) return;
    this.#tokens.length = 0;
    this.#head = 0;
  }
}
