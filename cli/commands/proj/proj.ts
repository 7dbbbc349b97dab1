import type { Command } from 'commander';
import type { CliContext } from '../../command.ts';
import { parseFormat } from '../../flags/flag-value.ts';
import { kindEdits } from '../../projects/kind-edits.ts';
import { listEdits } from '../../projects/list-edits.ts';
import { windowEdits } from '../../projects/window-edits.ts';
import { formatWindows } from '../../render/render-project.ts';
import { formatStructured } from '../../terminal/output.ts';
import { addProjectWrites } from './proj-create.ts';
import { addProjectEdit } from './proj-edit.ts';
import { addEdits } from './proj-edits.ts';
import { addProjectReads } from './proj-read.ts';
import { addProjectRoles } from './proj-role.ts';

/** Adds `keelson proj`. */
export function addProj(program: Command, context: CliContext): void {
  const proj = program.command('proj').description('work with projects');
  addProjectReads(proj, context);
  addProjectWrites(proj, context);
  addProjectEdit(proj, context);
  addEdits(proj, context, [...listEdits, ...kindEdits]);
  addProjectRoles(proj, context);
  const windows = proj.command('windows').description('sync windows of a project');
  addEdits(windows, context, windowEdits);
  addWindowList(windows, context);
}

function addWindowList(windows: Command, context: CliContext): void {
  windows
    .command('list')
    .description('list the sync windows of a project with their ids')
    .argument('<PROJECT>')
    .option('-o, --output <format>', 'wide, json or yaml', 'wide')
    .action(async (project: string, flags: { output: string }, command: Command) => {
      const format = parseFormat(flags.output, ['wide', 'json', 'yaml']);
      const { spec } = await context.withClient(command, (client) => client.projects.get(project));
      const list = spec.syncWindows ?? [];
      context.print(formatStructured(list, format) ?? formatWindows(list, Date.now()));
    });
}
