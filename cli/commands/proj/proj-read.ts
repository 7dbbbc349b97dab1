import type { Command } from 'commander';
import type { CliContext } from '../../command.ts';
import { parseFormat } from '../../flags/flag-value.ts';
import { formatProject, formatProjectList } from '../../render/render-project.ts';
import { formatStructured } from '../../terminal/output.ts';

/** Adds `list` and `get`. */
export function addProjectReads(proj: Command, context: CliContext): void {
  proj
    .command('list')
    .description('list projects')
    .option('-o, --output <format>', 'wide, name, json or yaml', 'wide')
    .action(async (flags: { output: string }, command: Command) => {
      const format = parseFormat(flags.output, ['wide', 'name', 'json', 'yaml']);
      const projects = await context.withClient(command, (client) => client.projects.list());
      const names = projects.map(({ metadata }) => `${metadata.name}\n`).join('');
      const table = format === 'name' ? names : formatProjectList(projects);
      context.print(formatStructured(projects, format) ?? table);
    });

  proj
    .command('get')
    .description('show a project with all that it inherits')
    .argument('<PROJECT>')
    .option('-o, --output <format>', 'wide, json or yaml', 'wide')
    .action(async (name: string, flags: { output: string }, command: Command) => {
      const format = parseFormat(flags.output, ['wide', 'json', 'yaml']);
      const details = await context.withClient(command, (client) => client.projects.details(name));
      context.print(formatStructured(details.project, format) ?? formatProject(details));
    });
}
