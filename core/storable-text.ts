/** Longest message that is kept: what people read of more than that is the end of a screen anyway. */
const longest = 8000;

/**
 * A text from outside as a message that can be stored: the database takes neither U+0000 nor half a surrogate pair, and
 * a refusal of the message would hide the refusal that it tells of.
 */
export function storableText(text: string): string {
  const whole = text.replaceAll('\u0000', '\uFFFD').toWellFormed();
  if (whole.length <= longest) return whole;
  // Cut between two characters, never inside one.
  const kept = whole.slice(0, longest).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept}... (${whole.length - kept.length} more characters)`;
}
