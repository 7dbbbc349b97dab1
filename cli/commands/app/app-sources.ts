import type { Command } from 'commander';
import type { ApplicationSpec } from '../../../core/application/spec/spec.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { addSwitch, type CliContext } from '../../command.ts';
import {
  addSource,
  type Changed,
  changeSpec,
  readPosition,
  removeSource,
  specFlags,
} from '../../flags/change-sources.ts';
import { sourceFlags } from '../../flags/source-flags.ts';
import { addFlag, flagValues, warnOfOptions } from './app-create.ts';

type Flags = { readonly sourcePosition?: string; readonly validate?: boolean };

const position = '--source-position <position>';
const literal = [
  '--values-literal-file <file>',
  'local file with Helm values to put into the source',
] as const;

/** Adds the commands that change an application that is there: `set`, `add-source` and `remove-source`. */
export function addAppSources(app: Command, context: CliContext): void {
  const set = app
    .command('set')
    .description('change the spec of an application by flags; what no flag names stays')
    .argument('<name>', 'application')
    .option(...literal)
    .option(position, 'which of several sources the flags are about, from 1');
  addSwitch(set, '--validate', 'have sources and destination checked first (default)');
  for (const flag of sourceFlags) addFlag(set, flag);
  for (const flag of specFlags) addFlag(set, flag);
  set.action(async (name: string, flags: Flags, command: Command) => {
    const values = await flagValues(command);
    const where = readPosition(flags.sourcePosition);
    await change(context, command, name, (application) => changeSpec(application, values, where));
  });

  const add = app
    .command('add-source')
    .description('add a source to an application that has a list of them')
    .argument('<name>', 'application')
    .option(...literal);
  addSwitch(add, '--validate', 'have sources and destination checked first (default)');
  for (const flag of sourceFlags) addFlag(add, flag);
  add.action(async (name: string, _flags: Flags, command: Command) => {
    const values = await flagValues(command);
    await change(context, command, name, (application) => addSource(application, values));
  });

  app
    .command('remove-source')
    .description('remove one of several sources of an application')
    .argument('<name>', 'application')
    .option(position, 'which one, from 1')
    .action(async (name: string, flags: Flags, command: Command) => {
      const where = readPosition(flags.sourcePosition);
      if (where === undefined) {
        throw new KeelsonError('invalid-argument', '--source-position is missing; say which source, from 1');
      }
      await change(context, command, name, (application) => removeSource(application, where));
    });
}

async function change(
  context: CliContext,
  command: Command,
  name: string,
  work: (application: Changed) => ApplicationSpec,
): Promise<void> {
  const validate = command.getOptionValue('validate') !== false;
  await context.withClient(command, async (client) => {
    const { spec } = await client.applications.get(name);
    const changed = await client.applications.replaceSpec(name, work({ name, spec }), { validate });
    warnOfOptions(context, changed);
    context.print(`application '${name}' updated\n`);
  });
}
