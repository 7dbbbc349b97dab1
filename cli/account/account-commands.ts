import type { Command } from 'commander';
import { KeelsonError } from '../../core/errors.ts';
import { type CliContext, globalFlagsOf } from '../command.ts';
import type { ApiClient } from '../server/client.ts';
import {
  type ConfigFile,
  configPath,
  readConfig,
  withoutToken,
  withToken,
  writeConfig,
} from '../server/config-file.ts';
import { contextInUse } from '../server/connection.ts';
import { askOrRefuse } from '../terminal/prompt.ts';
import { plainText } from '../terminal/text.ts';
import { newPasswordOf } from './ask-password.ts';

type PasswordFlags = {
  readonly account?: string;
  readonly currentPassword?: string;
  readonly newPassword?: string;
};

/** Adds `keelson account`. */
export function addAccount(program: Command, context: CliContext): void {
  const account = program.command('account').description('passwords and logins of accounts');
  account
    .command('update-password')
    .description("change an account's password, which ends all its logins")
    .option('--account <name>', 'account; else the one that is logged in')
    .option('--current-password <password>', 'password of the account that is logged in; else asked for')
    .option('--new-password <password>', 'new password; else asked for')
    .action((flags: PasswordFlags, command: Command) => updatePassword(context, command, flags));
  account
    .command('logout-all')
    .description('end all logins of an account, on all servers')
    .option('--account <name>', 'account; else the one that is logged in')
    .action((flags: PasswordFlags, command: Command) => logoutAll(context, command, flags));
}

function updatePassword(context: CliContext, command: Command, flags: PasswordFlags): Promise<void> {
  return context.withClient(command, async (client) => {
    const username = await usernameOf(client);
    const account = flags.account ?? username;
    const question = `*** Enter password of currently logged in user (${plainText(username)}): `;
    const currentPassword =
      flags.currentPassword ?? (await askOrRefuse(context, question, '--current-password', { hidden: true }));
    const newPassword = await newPasswordOf(context, account, flags.newPassword);
    await client.account.updatePassword({ name: account, currentPassword, newPassword });
    context.print('Password updated\n');
    if (account !== username) return;
    // The login that asked for it has ended with the others.
    await changeContext(context, command, async (config, user) =>
      withToken(config, user, await client.account.login(username, newPassword)),
    );
  });
}

function logoutAll(context: CliContext, command: Command, flags: PasswordFlags): Promise<void> {
  return context.withClient(command, async (client) => {
    const username = await usernameOf(client);
    const account = flags.account ?? username;
    await client.account.logoutAll(account);
    context.print(`All logins of '${plainText(account)}' ended\n`);
    if (account !== username) return;
    await changeContext(context, command, async (config, user) => withoutToken(config, user));
  });
}

async function usernameOf(client: ApiClient): Promise<string> {
  const { loggedIn, username } = await client.account.userInfo();
  if (loggedIn === true && username) return username;
  throw new KeelsonError(
    'unauthenticated',
    `nobody is logged in at ${client.server}; run keelson login SERVER`,
  );
}

/** Changes the stored login that the command used, if it was a stored one. */
async function changeContext(
  context: CliContext,
  command: Command,
  change: (config: ConfigFile, user: string) => Promise<ConfigFile>,
): Promise<void> {
  const flags = globalFlagsOf(command);
  const path = configPath(context.env, flags.config);
  const config = await readConfig(path);
  const used = contextInUse(flags, context.env, config);
  if (used === undefined) return;
  await writeConfig(path, await change(config, used.user));
  context.print(`Context '${plainText(used.name)}' updated\n`);
}
