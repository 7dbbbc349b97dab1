import { KeelsonError } from '../errors.ts';
import { countLines } from './lines.ts';

/** What can't be read of a text, and where; the words never quote the text, which may be a Secret's. */
export class UnreadableError extends KeelsonError {
  /** Line of the text, from 1. */
  readonly line: number;

  constructor(message: string, line: number) {
    // Without the stack, which tells nothing about the text: it takes as long as the reading of a short document.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super('manifest-invalid', message);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'UnreadableError';
    this.line = line;
  }

  /** The error about a place in a text; what is missing at its end is missing on the last line with something on it. */
  static at(message: string, text: string, at: number): UnreadableError {
    const end = Math.min(at, text.trimEnd().length);
    return new UnreadableError(message, 1 + countLines(text.slice(0, end)));
  }
}
