import type { Command } from 'commander';
import type { CliContext } from '../command.ts';

/** Adds `keelson app confirm-deletion`. */
export function addAppConfirmDeletion(app: Command, context: CliContext): void {
  app
    .command('confirm-deletion')
    .description('approve the deletions that the running operation of an application waits with')
    .argument('<name>', 'application')
    .action(async (name: string, _flags: unknown, command: Command) => {
      await context.withClient(command, (client) => client.confirmDeletion(name));
      context.print(`Application '${name}' deletions confirmed\n`);
    });
}
