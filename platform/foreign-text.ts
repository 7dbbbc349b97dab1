import { isUtf8 } from 'node:buffer';

/**
 * The text of bytes that somebody else wrote. What is no UTF-8 becomes half a character: a reader of YAML refuses that,
 * as Go's does, where a sign in its place would be deployed as if it had been written; JSON has the sign there, as Go.
 */
export function foreignText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return isUtf8(bytes) ? text : text.replaceAll('\uFFFD', halfCharacter);
}

const halfCharacter = '\uDFFF';
