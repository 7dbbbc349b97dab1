/** A text without what it repeats at its end. A regular expression looks from each of a thousand slashes anew. */
export function withoutTrailing(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1] ?? '')) end -= 1;
  return text.slice(0, end);
}

/** A text without what it repeats at its beginning and at its end. */
export function withoutAround(text: string, characters: string): string {
  let start = 0;
  while (start < text.length && characters.includes(text[start] ?? '')) start += 1;
  return withoutTrailing(text.slice(start), characters);
}
