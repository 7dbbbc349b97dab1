import type { z } from 'zod';
import type { Issue } from '../../issue.ts';

/** Turns a failed parse into issues: one per field, with the field's path and what to write instead. */
export function issuesOfZod(error: z.ZodError, input: unknown): Issue[] {
  return error.issues.map((issue) => ({
    path: formatPath(issue.path),
    message: describe(issue, valueAt(input, issue.path)),
  }));
}

function formatPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'invalid_type') {
    const expected = typeWords[issue.expected] ?? issue.expected;
    if (value === undefined) return `is missing; add it as ${expected}`;
    return `must be ${expected}, not ${wordFor(value)}; ${remedy(issue.expected, value)}`;
  }
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String).join(', ');
    return value === undefined ? `is missing; set it to ${allowed}` : `must be ${allowed}; change it`;
  }
  if (issue.code === 'invalid_union') {
    return `must be a whole number or a text, not ${wordFor(value)}; change it`;
  }
  return `${issue.message}; change it`;
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  bigint: 'a whole number beyond 2^53',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of fields',
  record: 'a map of fields',
};

function wordFor(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeWords[typeof value] ?? typeof value;
}

function remedy(expected: string, value: unknown): string {
  if (expected === 'string' && typeof value !== 'object') return 'put it in quotes';
  if ((expected === 'boolean' || expected === 'number') && typeof value === 'string')
    return 'remove the quotes';
  if (typeof value === 'bigint') return 'write a smaller one';
  return 'check its indentation and form';
}
