import type { Command } from 'commander';
import type { Version } from '../../core/wire/server.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { addSwitch, type CliContext } from '../command.ts';
import { parseFormat } from '../flags/flag-value.ts';
import { formatStructured } from '../terminal/output.ts';
import { plainText } from '../terminal/text.ts';

type VersionFlags = { readonly client?: boolean; readonly short?: boolean; readonly output: string };

/** Version of this command line. */
const clientVersion = `v${packageJson.version}`;

/** Adds `keelson version`. */
export function addVersion(program: Command, context: CliContext): void {
  const version = program.command('version').description('print the versions of the client and the server');
  addSwitch(version, '--client', 'client only; asks no server');
  addSwitch(version, '--short', 'version numbers only');
  version
    .option('-o, --output <format>', 'wide, json or yaml', 'wide')
    .action(async (flags: VersionFlags, command: Command) => {
      const format = parseFormat(flags.output, ['wide', 'json', 'yaml']);
      const server =
        flags.client === true ? undefined : await context.withClient(command, (client) => client.version());
      const client = {
        Version: clientVersion,
        NodeVersion: process.version,
        Platform: `${process.platform}/${process.arch}`,
      };
      const all = { client, ...(server === undefined ? {} : { server }) };
      context.print(
        formatStructured(all, format) ??
          formatVersion('keelson', client, flags.short) +
            (server === undefined ? '' : formatVersion('keelson-server', server, flags.short)),
      );
    });
}

function formatVersion(program: string, version: Version, short: boolean | undefined): string {
  const head = `${program}: ${plainText(version.Version)}\n`;
  if (short === true) return head;
  const rest = Object.entries(version).filter(([name, value]) => name !== 'Version' && value !== '');
  return head + rest.map(([name, value]) => `  ${plainText(name)}: ${plainText(String(value))}\n`).join('');
}
