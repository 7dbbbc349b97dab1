const encoder = new TextEncoder();
const decoder = new TextDecoder();

const ending = ' (cut)';

/** Length of a text as it is sent and stored. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** A text of at most so many bytes; one that is cut says so, and no character is cut in two. */
export function cutText(text: string, mostBytes: number): string {
  // No character takes more than three bytes for each of its units.
  if (text.length * 3 <= mostBytes) return text;
  const bytes = encoder.encode(text);
  if (bytes.length <= mostBytes) return text;
  let end = mostBytes - ending.length;
  while (isContinuation(bytes[end])) end--;
  return `${decoder.decode(bytes.subarray(0, end))}${ending}`;
}

/** Whether a byte goes on with the character that began before it. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte < 0xc0;
}
