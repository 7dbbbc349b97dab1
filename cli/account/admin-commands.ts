import type { Command } from 'commander';
import { KeelsonError } from '../../core/errors.ts';
import type { CliContext, OperatorOfAccounts } from '../command.ts';
import { plainText } from '../terminal/text.ts';
import { newPasswordOf } from './ask-password.ts';

/** Adds `keelson admin set-password` and `renew-signing-key`, which work on the roles' database and ask for no login. */
export function addAdminAccounts(admin: Command, context: CliContext): void {
  admin
    .command('set-password')
    .description('give an account a new password without its old one, in the environment of a role')
    .option('--account <name>', 'account', 'admin')
    .option('--new-password <password>', 'new password; else asked for')
    .action(async ({ account, newPassword }: { account: string; newPassword?: string }) => {
      const accounts = operatorOf(context);
      await accounts.setPassword(account, await newPasswordOf(context, account, newPassword));
      context.print(`Password of '${plainText(account)}' set: its logins have ended\n`);
    });
  admin
    .command('renew-signing-key')
    .description('make the key anew that signs logins, which ends all of them, in the environment of a role')
    .action(async () => {
      await operatorOf(context).renewSigningKey();
      context.print('Signing key renewed: all logins have ended\n');
    });
}

function operatorOf({ accounts }: CliContext): OperatorOfAccounts {
  if (accounts !== undefined) return accounts;
  throw new KeelsonError(
    'precondition-failed',
    'accounts are operated where the roles are installed; run keelson of the image there',
  );
}
