import type { Command } from 'commander';
import type { Application } from '../../../core/application/spec/spec.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { addSwitch, type CliContext } from '../../command.ts';
import { finishSync } from '../../flags/finish-sync.ts';
import { parseFormat, parseInteger } from '../../flags/flag-value.ts';
import { parseTimeout } from '../../server/deadline.ts';

type Flags = {
  readonly prune?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly breakGlass?: string;
  readonly timeout: string;
  readonly output: string;
};

/** Adds `keelson app rollback`. */
export function addAppRollback(app: Command, context: CliContext): void {
  const rollback = app
    .command('rollback')
    .description('bring back what an earlier sync deployed, without hooks, and wait until that is done')
    .argument('<name>', 'application')
    .argument('[id]', 'id of the history; the deployment before the current one if left out')
    .option('--break-glass <reason>', 'roll back although sync windows are closed; needs the right to it')
    .option('--timeout <seconds>', 'give up waiting after this time; the sync itself goes on', '0')
    .option('-o, --output <format>', 'wide, json, yaml or tree', 'wide');
  addSwitch(rollback, '--prune', 'delete objects that were not part of that deployment');
  addSwitch(rollback, '--dry-run', 'only try what the cluster would say');
  addSwitch(rollback, '--force', 'delete and create anew objects that cannot be changed');
  rollback.action(async (name: string, id: string | undefined, flags: Flags, command: Command) => {
    const timeoutSeconds = parseTimeout(flags.timeout);
    const format = parseFormat(flags.output, ['wide', 'json', 'yaml', 'tree', 'tree=detailed']);
    const wanted = id === undefined ? undefined : parseInteger(id, 'id');
    await context.withClient(command, async (client) => {
      const { operationId } = await client.operations.rollback(name, {
        id: wanted ?? previousId(name, await client.applications.get(name)),
        prune: flags.prune ?? false,
        dryRun: flags.dryRun ?? false,
        force: flags.force ?? false,
        ...(flags.breakGlass === undefined ? {} : { breakGlassReason: flags.breakGlass }),
      });
      await finishSync(context, client, { name, operationId, timeoutSeconds, format, isPartial: false });
    });
  });
}

function previousId(name: string, application: Application): number {
  const previous = (application.status?.history ?? []).at(-2);
  if (previous !== undefined) return previous.id;
  throw new KeelsonError(
    'precondition-failed',
    `application ${name} has no deployment before the current one; see keelson app history ${name}`,
  );
}
