import type { Command } from 'commander';
import type { InstallationSettings } from '../../../core/wire/server.ts';
import { addSwitch, type CliContext } from '../../command.ts';
import { parseFormat } from '../../flags/flag-value.ts';
import { formatConfigMaps, formatProblems, readWords } from '../../flags/setting-words.ts';
import { formatStructured } from '../../terminal/output.ts';
import { plainText } from '../../terminal/text.ts';

/** Adds `keelson settings`. */
export function addSettings(program: Command, context: CliContext): void {
  const settings = program.command('settings').description('see and change the settings of the installation');
  addGet(settings, context);
  addApply(settings, context);
  settings
    .command('rollback')
    .description('bring back the settings before the last change')
    .action(async (_flags: unknown, command: Command) => {
      tell(context, await context.withClient(command, (client) => client.settings.rollBack()));
    });
  addAccept(settings, context);
}

/** What was shown is accepted, and nothing that came later. */
function addAccept(settings: Command, context: CliContext): void {
  settings
    .command('accept')
    .description(
      "put in force what the home cluster's objects say where something else is in force until then",
    )
    .argument('[object...]', 'objects to accept, such as argocd-cm; all that wait where none is named')
    .action(async (objects: readonly string[], _flags: unknown, command: Command) => {
      const reply = await context.withClient(command, async (client) => {
        const { conditions = [] } = await client.settings.get();
        const chosen = conditions.filter(
          ({ waits, object }) =>
            waits && (objects.length === 0 || objects.some((one) => object.endsWith(` ${one}`))),
        );
        for (const line of formatConditions(chosen)) context.print(`${plainText(line)}\n`);
        if (chosen.length === 0) return undefined;
        const seen = Object.fromEntries(
          chosen.map(({ object, resourceVersion }) => [object, resourceVersion]),
        );
        return client.settings.accept(seen);
      });
      if (reply === undefined) context.print('nothing waits to be accepted\n');
      else tell(context, reply);
    });
}

function formatConditions(conditions: NonNullable<InstallationSettings['conditions']>): string[] {
  return conditions.map(
    ({ type, object, message, since }) => `${object}: ${type} since ${since}: ${message}`,
  );
}

function addGet(settings: Command, context: CliContext): void {
  settings
    .command('get')
    .description('print the ConfigMaps in force; values that may hold credentials are hidden')
    .option('-o, --output <format>', 'yaml, or json with the problems of keys', 'yaml')
    .action(async (flags: { output: string }, command: Command) => {
      const format = parseFormat(flags.output, ['yaml', 'json']);
      const reply = await context.withClient(command, (client) => client.settings.get());
      if (format === 'json') {
        context.print(formatStructured(reply, format) ?? '');
        return;
      }
      context.print(formatConfigMaps(reply.configMaps));
      noteProblems(context, reply);
    });
}

type ApplyFlags = { readonly file: string; readonly partial?: boolean };

function addApply(settings: Command, context: CliContext): void {
  const apply = settings
    .command('apply')
    .description('put the ConfigMaps argocd-cm, -cmd-params-cm, -cmp-cm and -rbac-cm of a file in force')
    .requiredOption(
      '-f, --file <file>',
      'file of manifests, - for standard input; other objects are passed over',
    );
  addSwitch(apply, '--partial', 'leave out keys that can not be read instead of refusing all');
  apply.action(async (flags: ApplyFlags, command: Command) => {
    const words = await readWords(context, flags.file);
    const partial = flags.partial === true;
    tell(context, await context.withClient(command, (client) => client.settings.put(words, { partial })));
  });
}

function tell(context: CliContext, reply: InstallationSettings): void {
  context.print(reply.changed === true ? 'settings changed\n' : 'settings unchanged\n');
  noteProblems(context, reply);
}

function noteProblems(context: CliContext, { problems, conditions = [] }: InstallationSettings): void {
  for (const line of formatConditions(conditions)) context.note(plainText(line));
  for (const line of formatProblems(problems).split('\n')) if (line !== '') context.note(plainText(line));
}
