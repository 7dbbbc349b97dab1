import type { Command } from 'commander';
import type { CliContext } from '../command.ts';
import { readText } from '../flags/credential-flags.ts';
import { parseFormat } from '../flags/flag-value.ts';
import { formatGpgKey, formatGpgKeys } from '../render/render-sources.ts';
import { formatStructured } from '../terminal/output.ts';

/** Adds `keelson gpg`. */
export function addGpg(program: Command, context: CliContext): void {
  const gpg = program.command('gpg').description('GnuPG keys by which signed commits are known');
  gpg
    .command('add')
    .description('register the public keys of an armored file')
    .requiredOption('--from <file>', 'file, - for standard input')
    .action(async (flags: { from: string }, command: Command) => {
      const text = await readText(context, flags.from);
      const { created, skipped } = await context.withClient(command, (client) =>
        client.sources.addGpgKeys(text),
      );
      const known = skipped?.length ?? 0;
      const more = known === 0 ? '' : ` and ${known} key(s) skipped because they exist already`;
      context.print(`Created ${created?.items?.length ?? 0} key(s) from input file${more}.\n`);
    });

  gpg
    .command('list')
    .description('list keys')
    .option('-o, --output <format>', 'wide, json or yaml', 'wide')
    .action(async (flags: { output: string }, command: Command) => {
      const format = parseFormat(flags.output, ['wide', 'json', 'yaml']);
      const keys = await context.withClient(command, (client) => client.sources.listGpgKeys());
      context.print(formatStructured(keys, format) ?? formatGpgKeys(keys));
    });

  gpg
    .command('get')
    .description('show a key')
    .argument('<id>', 'id or fingerprint of the key')
    .option('-o, --output <format>', 'wide, json or yaml', 'wide')
    .action(async (id: string, flags: { output: string }, command: Command) => {
      const format = parseFormat(flags.output, ['wide', 'json', 'yaml']);
      const key = await context.withClient(command, (client) => client.sources.getGpgKey(id));
      context.print(formatStructured(key, format) ?? formatGpgKey(key));
    });

  gpg
    .command('rm')
    .description('forget a key')
    .argument('<id>', 'id or fingerprint of the key')
    .action(async (id: string, _flags: unknown, command: Command) => {
      await context.withClient(command, (client) => client.sources.removeGpgKey(id));
      context.print(`Deleted key with key ID ${id}\n`);
    });
}
