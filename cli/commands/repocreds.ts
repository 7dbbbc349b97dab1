import type { Command } from 'commander';
import { addSwitch, type CliContext } from '../command.ts';
import { addCredentialFlags, type CredentialFlags, credentialFields } from '../flags/credential-flags.ts';
import { parseFormat } from '../flags/flag-value.ts';
import { formatTemplates } from '../render/render-sources.ts';
import { formatStructured } from '../terminal/output.ts';

/** Adds `keelson repocreds`. */
export function addRepocreds(program: Command, context: CliContext): void {
  const repocreds = program
    .command('repocreds')
    .description('credentials for all repositories whose address begins in one way');
  const add = repocreds
    .command('add')
    .description('add a template; the longest prefix that fits a repository wins')
    .argument('<url>', 'beginning of the addresses, such as https://git.example.com/team/');
  addCredentialFlags(add);
  addSwitch(add, '--upsert', 'change the template if it is there');
  add.action(async (url: string, flags: CredentialFlags & { upsert?: boolean }, command: Command) => {
    const fields = { url, ...(await credentialFields(context, flags)) };
    const upsert = flags.upsert === true;
    await context.withClient(command, (client) => client.sources.addTemplate(fields, { upsert }));
    context.print(`Repository credentials for '${url}' added\n`);
  });

  repocreds
    .command('list')
    .description('list templates')
    .option('-o, --output <format>', 'wide, url, json or yaml', 'wide')
    .action(async (flags: { output: string }, command: Command) => {
      const format = parseFormat(flags.output, ['wide', 'url', 'json', 'yaml']);
      const all = await context.withClient(command, (client) => client.sources.listTemplates());
      const urls = all.map(({ url }) => `${url}\n`).join('');
      context.print(formatStructured(all, format) ?? (format === 'url' ? urls : formatTemplates(all)));
    });

  repocreds
    .command('rm')
    .description('forget templates and their credentials')
    .argument('<urls...>', 'as they were added')
    .action(async (urls: string[], _flags: unknown, command: Command) => {
      await context.withClient(command, async (client) => {
        for (const url of urls) {
          await client.sources.removeTemplate(url);
          context.print(`Repository credentials for '${url}' removed\n`);
        }
      });
    });
}
