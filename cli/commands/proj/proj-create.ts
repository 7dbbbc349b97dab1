import type { Command } from 'commander';
import { KeelsonError } from '../../../core/errors.ts';
import { formatIssues } from '../../../core/issue.ts';
import type { AppProject } from '../../../core/project/project.ts';
import { readProject } from '../../../core/project/read-project.ts';
import { readDocuments } from '../../../core/yaml/read.ts';
import { addSwitch, type CliContext } from '../../command.ts';
import { readNamedFile } from '../../files/read-path.ts';
import { flagsOfSpec, withFlags } from '../../projects/spec-flags.ts';
import { readInput } from '../../terminal/prompt.ts';
import { addEditFlag, flagsOf } from './proj-edits.ts';
import { dryRun, showPreview, writeBack } from './write-project.ts';

/** Adds `create`, `set` and `delete`. */
export function addProjectWrites(proj: Command, context: CliContext): void {
  addCreate(proj, context);
  addSet(proj, context);
  proj
    .command('delete')
    .description('delete projects that no application is in')
    .argument('<PROJECT...>')
    .action(async (names: readonly string[], _flags: unknown, command: Command) => {
      await context.withClient(command, async (client) => {
        for (const name of names) await client.projects.delete(name);
      });
    });
}

function addCreate(proj: Command, context: CliContext): void {
  const create = proj
    .command('create')
    .description('create a project from a file, from flags, or from a file with flags on top')
    .argument('[PROJECT]', 'name of the project; may be left out when the file has it')
    .option('-f, --file <file>', 'YAML or JSON file, - for standard input');
  addSwitch(create, '--upsert', 'change a project that differs');
  for (const flag of flagsOfSpec) addEditFlag(create, flag);
  create.option(dryRun.flag, dryRun.description);
  create.action(async (name: string | undefined) => {
    const project = await projectOf(context, name, create);
    const upsert = create.getOptionValue('upsert') === true;
    await context.withClient(create, async (client) => {
      if (create.getOptionValue('dryRun') !== true) await client.projects.create(project, { upsert });
      else showPreview(context, await client.projects.previewCreation(project, { upsert }));
    });
  });
}

function addSet(proj: Command, context: CliContext): void {
  const set = proj
    .command('set')
    .description('replace what is given of a project')
    .argument('<PROJECT>', 'name of the project');
  for (const flag of flagsOfSpec) addEditFlag(set, flag);
  set.option(dryRun.flag, dryRun.description);
  set.action(async (name: string) => {
    const flags = flagsOf(set);
    if (withFlags({}, flags) === undefined) {
      throw new KeelsonError(
        'invalid-argument',
        'there is nothing to set; give at least one flag, see keelson proj set --help',
      );
    }
    await context.withClient(set, async (client) => {
      const found = await client.projects.get(name);
      const spec = withFlags(found.spec, flags) ?? found.spec;
      await writeBack(context, client, { ...found, spec }, { dryRun: flags['dry-run'] === true });
    });
  });
}

async function projectOf(
  context: CliContext,
  name: string | undefined,
  command: Command,
): Promise<AppProject> {
  const file: unknown = command.getOptionValue('file');
  const given = typeof file === 'string' ? await readFile(context, file) : emptyProject(name);
  const { metadata } = given;
  if (name !== undefined && metadata.name !== name) {
    throw new KeelsonError(
      'invalid-argument',
      `project name '${name}' does not match project spec metadata.name '${metadata.name}'; leave one of them out`,
    );
  }
  return { ...given, spec: withFlags(given.spec, flagsOf(command)) ?? given.spec };
}

function emptyProject(name: string | undefined): AppProject {
  if (name !== undefined) {
    return { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name }, spec: {} };
  }
  throw new KeelsonError(
    'invalid-argument',
    'project has no name; write keelson proj create PROJECT, or -f FILE',
  );
}

async function readFile(context: CliContext, file: string): Promise<AppProject> {
  const text = file === '-' ? await readInput(context) : await readNamedFile(file);
  const values: unknown[] = [];
  for (const document of readDocuments(text, 'manifests')) {
    if ('problem' in document) {
      throw new KeelsonError('invalid-argument', `file ${file}:${document.line}: ${document.problem}`);
    }
    if (document.value !== null) values.push(document.value);
  }
  if (values.length !== 1) {
    throw new KeelsonError(
      'invalid-argument',
      `file ${file} holds ${values.length} objects; write one AppProject into it`,
    );
  }
  const read = readProject(values[0]);
  if (read.issues === undefined) return read.value;
  throw new KeelsonError(
    'invalid-argument',
    `file ${file}: project is not valid: ${formatIssues(read.issues)}`,
  );
}
