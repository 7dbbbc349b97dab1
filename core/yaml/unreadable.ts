import { KeelsonError } from '../errors.ts';

/** What can't be read of a text, and where; the words never quote the text, which may be a Secret's. */
export class UnreadableError extends KeelsonError {
  /** Line of the text, from 1. */
  readonly line: number;

  constructor(message: string, line: number) {
    super('manifest-invalid', message);
    this.name = 'UnreadableError';
    this.line = line;
  }
}
