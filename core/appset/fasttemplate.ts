import { KeelsonError } from '../errors.ts';
import { ownField } from '../own-field.ts';

const opening = '{{';
const closing = '}}';

/**
 * Replaces `{{ name }}` in a text, as sets without Go templates do: a parameter must be a text and is put in as it
 * is; a name that is none stays as it is written. An opening without its end, beside a whole placeholder, is an error.
 */
export function fillPlaceholders(text: string, parameters: Readonly<Record<string, unknown>>): string {
  if (!hasPlaceholder(text)) return text;
  let filled = '';
  let at = 0;
  for (;;) {
    const start = text.indexOf(opening, at);
    if (start < 0) return filled + text.slice(at);
    const end = text.indexOf(closing, start + opening.length);
    if (end < 0) throw new KeelsonError('invalid-argument', 'a {{ has no }} after it; close it');
    const tag = text.slice(start + opening.length, end);
    filled += text.slice(at, start) + (parameterOf(tag, parameters) ?? opening + tag + closing);
    at = end + closing.length;
  }
}

/** Whether a text has a placeholder at all: both marks on one line. Others are taken as they are. */
function hasPlaceholder(text: string): boolean {
  return text.split(/[\n\r\u2028\u2029]/).some((line) => {
    const start = line.indexOf(opening);
    return start >= 0 && line.includes(closing, start + opening.length);
  });
}

function parameterOf(tag: string, parameters: Readonly<Record<string, unknown>>): string | undefined {
  const name = tag.trim();
  const value = ownField(parameters, name);
  return name !== '' && typeof value === 'string' ? value : undefined;
}
