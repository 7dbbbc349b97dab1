import { type Command, Option } from 'commander';
import { addSwitch, type CliContext } from '../../command.ts';
import { collect, collectList } from '../../flags/flag-value.ts';
import type { EditFlag, ProjectEdit } from '../../projects/edit.ts';
import { longNameOf } from '../../projects/spec-flags.ts';
import { dryRun, writeBack } from './write-project.ts';

/** Adds the commands of a table, each of which reads a project, changes a part of it and writes it back. */
export function addEdits(parent: Command, context: CliContext, edits: readonly ProjectEdit[]): void {
  for (const edit of edits) addEdit(parent, context, edit);
}

function addEdit(parent: Command, context: CliContext, edit: ProjectEdit): void {
  const command = parent.command(edit.name).description(edit.description).argument('<PROJECT>');
  for (const word of edit.words) command.argument(`<${word}>`);
  for (const flag of edit.flags ?? []) addEditFlag(command, flag);
  command.option(dryRun.flag, dryRun.description);
  command.action(async () => {
    const [project = '', ...words] = command.args;
    const choice = { dryRun: command.getOptionValue('dryRun') === true };
    await context.withClient(command, async (client) => {
      const found = await client.projects.get(project);
      const edited = edit.edit(found.spec, { project, words, flags: flagsOf(command) });
      if (edited.spec === undefined) {
        context.print(`${edited.stays}\n`);
        return;
      }
      const written = await writeBack(context, client, { ...found, spec: edited.spec }, choice);
      if (written && edited.says !== undefined) context.print(`${edited.says}\n`);
    });
  });
}

/** Adds a flag of a table to a command. */
export function addEditFlag(
  command: Command,
  {
    name,
    description,
    kind,
    initial,
  }: Omit<EditFlag, 'kind'> & { kind: EditFlag['kind'] | 'commas' | 'each' },
): void {
  if (kind === 'switch') {
    addSwitch(command, name, description);
    return;
  }
  const option = new Option(`${name} <value>`, description);
  if (kind === 'list' || kind === 'commas') option.argParser(collectList);
  if (kind === 'each') option.argParser(collect);
  command.addOption(initial === undefined ? option : option.default(initial));
}

/** The flags of a command that have a value, by their long names. */
export function flagsOf(command: Command): Readonly<Record<string, unknown>> {
  const given = command.options
    .filter((option) => !option.negate)
    .map(
      (option) => [longNameOf(option.long ?? ''), command.getOptionValue(option.attributeName())] as const,
    );
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}
