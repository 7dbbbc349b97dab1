import { KeelsonError } from '../../core/errors.ts';

/** Reads `name=value`; the value may hold further equal signs. */
export function parseAssignment(text: string, flag: string): { name: string; value: string } {
  const equals = text.indexOf('=');
  if (equals > 0) return { name: text.slice(0, equals), value: text.slice(equals + 1) };
  throw new KeelsonError('invalid-argument', `${flag} "${text}" cannot be read; write it as NAME=VALUE`);
}

/** Reads a whole number. */
export function parseInteger(text: string, flag: string): number {
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw new KeelsonError('invalid-argument', `${flag} "${text}" is not a whole number; write digits only`);
}

/** Collects the values of a flag that may be repeated. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

/** Collects the values of a flag that may be repeated and may hold several separated by commas. */
export function collectList(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), ...value.split(',').filter((part) => part !== '')];
}

/** Checks that a flag's value is one of the words that it knows. */
export function parseWord<Word extends string>(text: string, known: readonly Word[], flag: string): Word {
  const word = known.find((one) => one === text);
  if (word !== undefined) return word;
  throw new KeelsonError('invalid-argument', `${flag} "${text}" is unknown; use ${known.join(', ')}`);
}

/** Checks that an output format is one that the command knows. */
export function parseFormat(text: string, known: readonly string[]): string {
  return parseWord(text, known, '--output');
}
