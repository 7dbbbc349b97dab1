import type { Command } from 'commander';
import { KeelsonError } from '../../core/errors.ts';
import { addSwitch, type CliContext, globalFlagsOf } from '../command.ts';
import { createApiClient } from '../server/client.ts';
import {
  type ConfigFile,
  configPath,
  readConfig,
  withoutContext,
  withoutToken,
  writeConfig,
} from '../server/config-file.ts';
import {
  type GlobalFlags,
  requireContext,
  resolveConnection,
  transportOptions,
} from '../server/connection.ts';
import { formatTable } from '../terminal/table.ts';
import { plainText } from '../terminal/text.ts';

/** Adds `keelson logout` and `keelson context`. */
export function addContextCommands(program: Command, context: CliContext): void {
  program
    .command('logout')
    .description('end the session of a context, the current one by default')
    .argument('[context]', 'name of the context')
    .action(async (name: string | undefined, _flags: unknown, command: Command) => {
      await logout(context, name, globalFlagsOf(command));
    });
  const contexts = program
    .command('context')
    .alias('ctx')
    .description('list contexts, switch to one, or delete it')
    .argument('[context]', 'name of the context');
  addSwitch(contexts, '--delete', 'delete the context instead of switching to it');
  contexts.action(async (name: string | undefined, flags: { delete?: boolean }, command: Command) => {
    const path = configPath(context.env, globalFlagsOf(command).config);
    const config = await readConfig(path);
    if (name === undefined) {
      if (flags.delete === true)
        throw new KeelsonError('invalid-argument', '--delete needs the name of a context');
      context.print(formatContexts(config));
      return;
    }
    requireContext(config, name);
    const changed =
      flags.delete === true ? withoutContext(config, name) : { ...config, 'current-context': name };
    await writeConfig(path, changed);
    context.print(flags.delete === true ? `Context '${name}' deleted\n` : `Switched to context '${name}'\n`);
  });
}

async function logout(context: CliContext, given: string | undefined, flags: GlobalFlags): Promise<void> {
  const path = configPath(context.env, flags.config);
  const config = await readConfig(path);
  const name = given ?? flags.context ?? config['current-context'];
  if (name === '')
    throw new KeelsonError('invalid-argument', 'no context is current; name the one to log out of');
  const { user } = requireContext(config, name);
  await writeConfig(path, withoutToken(config, user));
  context.print(`Logged out from '${plainText(name)}'\n`);
  await revoke(context, config, { ...flags, context: name });
}

/** The server forgets the session too; when it can't be reached the local token is gone all the same. */
async function revoke(context: CliContext, config: ConfigFile, flags: GlobalFlags): Promise<void> {
  // A token from the environment belongs to whoever set it and is not ended here.
  const connection = resolveConnection(flags, {}, config);
  if (connection.token === undefined) return;
  const client = createApiClient({
    ...connection,
    ...(await transportOptions(flags)),
    signal: context.signal,
  });
  try {
    await client.account.logout();
  } catch (error) {
    // The token expires by itself; a server that is down or has ended the session already is no failure of a logout.
    const reason = error instanceof Error ? error.message : String(error);
    context.note(`the session could not be ended at the server and lasts until it expires: ${reason}`);
  } finally {
    await client.close();
  }
}

function formatContexts(config: ConfigFile): string {
  const rows = config.contexts.map((one) => [
    one.name === config['current-context'] ? '*' : '',
    one.name,
    one.server,
  ]);
  return formatTable(['CURRENT', 'NAME', 'SERVER'], rows);
}
