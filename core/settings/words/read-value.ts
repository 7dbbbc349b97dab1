import { z } from 'zod';
import { issuesOfZod } from '../../application/spec/shape-issue.ts';
import { formatIssue } from '../../issue.ts';
import { type ReadValue, readUpToEnd } from '../../yaml/read.ts';
import { UnreadableError } from '../../yaml/unreadable.ts';
import type { Report } from './problem.ts';

const truths = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const lies = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** A yes or no in any of the spellings that ConfigMaps use; undefined, with a report, for anything else. */
export function readBoolean(text: string, report: Report): boolean | undefined {
  if (truths.has(text.trim())) return true;
  if (lies.has(text.trim())) return false;
  report('must be true or false; change it');
  return undefined;
}

/** A value that must fit a shape, out of YAML; undefined, with reports, when it can't be read or doesn't fit. */
export function readYamlAs<Shape extends z.ZodType>(
  shape: Shape,
  text: string,
  report: Report,
): z.infer<Shape> | undefined {
  let read: ReadValue;
  try {
    read = readUpToEnd(text, 'settings');
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    report(`line ${error.line}: ${error.message}`);
    return undefined;
  }
  const { value, passedOver } = read;
  if (passedOver !== undefined) {
    report(
      `line ${passedOver}: stands behind the end of the document and has no effect; remove it`,
      '',
      'unused',
    );
  }
  return readAs(shape, value, report);
}

/** A value that must fit a shape; undefined, with reports, when it doesn't. */
export function readAs<Shape extends z.ZodType>(
  shape: Shape,
  value: unknown,
  report: Report,
): z.infer<Shape> | undefined {
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  for (const { path, message } of issuesOfZod(read.error, value))
    report(formatIssue({ path: '', message }), path);
  return undefined;
}

/** A list that may be left empty, as YAML leaves it (`kinds:`). */
export function listOf<Element extends z.ZodType>(element: Element) {
  return z
    .array(element)
    .nullish()
    .transform((list) => list ?? []);
}
