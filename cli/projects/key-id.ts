import { KeelsonError } from '../../core/errors.ts';

/** The id of a GnuPG key as somebody gave it: 8, 16 or 40 hexadecimal digits. */
export function checkKeyId(text: string): string {
  if (/^(?:0x)?(?:[0-9a-f]{8}|[0-9a-f]{16}|[0-9a-f]{40})$/i.test(text)) return text;
  throw new KeelsonError(
    'invalid-argument',
    `${text.slice(0, 100)} is not a valid GnuPG key ID; write its 16 hexadecimal digits`,
  );
}
