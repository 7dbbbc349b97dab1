import { KeelsonError } from '../../core/errors.ts';
import { askOrRefuse, type Dialogue } from '../terminal/prompt.ts';
import { plainText } from '../terminal/text.ts';

/** Asks for a new password twice, unless a flag says it. */
export async function newPasswordOf(
  dialogue: Dialogue,
  account: string,
  given: string | undefined,
): Promise<string> {
  if (given !== undefined) return given;
  const ask = (what: string): Promise<string> =>
    askOrRefuse(dialogue, `*** ${what} new password for user ${plainText(account)}: `, '--new-password', {
      hidden: true,
    });
  const password = await ask('Enter');
  if ((await ask('Confirm')) === password) return password;
  throw new KeelsonError('invalid-argument', 'passwords do not match; enter the same one twice');
}
