import type { Command } from 'commander';
import { addSwitch, type CliContext } from '../../command.ts';
import { addLocalFlags, type LocalFlags, packLocal } from '../../files/local-files.ts';
import { addRevisionFlags, type RevisionFlags, revisionChoice } from '../../flags/revision-flags.ts';
import { diffObjects } from '../../render/object-diff.ts';
import { runDiff } from '../../render/run-diff.ts';
import { unsuccessfulStatus } from '../../terminal/output.ts';
import { refreshOf } from './app-read.ts';

type Flags = RevisionFlags &
  LocalFlags & {
    readonly exitCode?: boolean;
    readonly refresh?: boolean;
    readonly hardRefresh?: boolean;
  };

/** Adds `keelson app diff`. */
export function addAppDiff(app: Command, context: CliContext): void {
  const diff = app
    .command('diff')
    .description('show where the cluster is not as the source says')
    .argument('<name>', 'application')
    .addHelpText('after', '\nKUBECTL_EXTERNAL_DIFF names another program than diff -u.');
  addRevisionFlags(diff);
  addLocalFlags(diff);
  addSwitch(diff, '--exit-code', 'exit with status 1 when there are differences (default)');
  addSwitch(diff, '--refresh', 'compare with the source and the cluster first');
  addSwitch(diff, '--hard-refresh', 'render anew and compare first');
  diff.action(async (name: string, flags: Flags, command: Command) => {
    const diffs = await context.withClient(command, async (client) => {
      const refresh = refreshOf(flags);
      if (refresh !== undefined) await client.applications.get(name, { refresh });
      if (flags.local === undefined) {
        return diffObjects(await client.applications.managedResources(name, revisionChoice(flags)));
      }
      return diffObjects(
        await client.applications.compareFiles(name, await packLocal(client, name, flags.local, flags)),
      );
    });
    for (const one of diffs) {
      context.print(`\n${one.heading}\n`);
      context.print(await runDiff(context, one));
    }
    if (diffs.length > 0 && flags.exitCode !== false) context.exitWith(unsuccessfulStatus);
  });
}
