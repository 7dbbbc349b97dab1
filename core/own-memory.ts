/**
 * A text that keeps nothing but itself: JavaScript's engine makes a part of a text a view of the whole, which stays in
 * memory for as long as the part does.
 */
export function ownText(text: string): string {
  // Written and read, for everything else that copies a text may answer with the same view.
  return text.length < shortestView ? text : String(JSON.parse(JSON.stringify(text)));
}

/** V8 copies parts that are shorter (SlicedString::kMinLength). */
const shortestView = 13;

/**
 * Bytes in memory of their own. A part of a larger piece keeps all of it, and so does a small copy, which Node.js cuts
 * from a pool of 64 kB that lives as long as any of its copies.
 */
export function ownBytes(bytes: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}
