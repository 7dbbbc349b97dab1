import { KeelsonError } from '../errors.ts';

/** What new passwords have to be, in the words in which clients are told. */
export const passwordPattern = '^.{8,32}$';

const fewestCharacters = 8;
const mostCharacters = 32;
/** The hash reads no more: what follows could be anything. */
const mostBytes = 72;

/** Throws unless a text may become a password. */
export function checkNewPassword(password: string): void {
  const { length } = [...password];
  if (length < fewestCharacters || length > mostCharacters || password.includes('\n')) {
    throw new KeelsonError(
      'invalid-argument',
      `new password does not match the following expression: ${passwordPattern}; choose one of ${fewestCharacters} to ${mostCharacters} characters`,
    );
  }
  if (new TextEncoder().encode(password).length <= mostBytes) return;
  throw new KeelsonError(
    'invalid-argument',
    `new password is longer than ${mostBytes} bytes; choose a shorter one`,
  );
}
