import type { Command } from 'commander';
import { Option } from 'commander';
import type { Application, ApplicationSpec } from '../../../core/application/spec/spec.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { setField } from '../../../core/own-field.ts';
import { optionWarnings } from '../../../core/sync/options/option-places.ts';
import { readDocuments } from '../../../core/yaml/read.ts';
import { addSwitch, type CliContext } from '../../command.ts';
import { readNamedFile } from '../../files/read-path.ts';
import { buildApplication, draftFlags, type FlagValues } from '../../flags/application-flags.ts';
import { collect, collectList } from '../../flags/flag-value.ts';
import { type Flag, sourceFlags } from '../../flags/source-flags.ts';
import { ApiError } from '../../server/api-error.ts';
import type { ApiClient } from '../../server/client.ts';
import { readInput } from '../../terminal/prompt.ts';

/** Adds `keelson app create`. */
export function addAppCreate(app: Command, context: CliContext): void {
  const create = app
    .command('create')
    .description('create an application from a file, from flags, or from a file with flags on top')
    .argument('[name]', 'name of the application; may be left out when the file has it')
    .option('-f, --file <file>', 'YAML or JSON file, - for standard input')
    .option('--values-literal-file <file>', 'local file with Helm values to put into the application');
  addSwitch(create, '--upsert', 'replace an application that differs');
  addSwitch(create, '--validate', 'have sources and destination checked first (default)');
  for (const flag of sourceFlags) addFlag(create, flag);
  for (const flag of draftFlags) addFlag(create, flag);
  create.action(async (name: string | undefined, _flags: unknown, command: Command) => {
    const applications = await readApplications(context, name, command);
    const upsert = command.getOptionValue('upsert') === true;
    const validate = command.getOptionValue('validate') !== false;
    await context.withClient(command, async (client) => {
      for (const application of applications) {
        const outcome = await createOne(client, application, { upsert, validate });
        warnOfOptions(context, application.spec);
        context.print(`application '${application.metadata.name}' ${outcome}\n`);
      }
    });
  });
}

const commaLists: ReadonlySet<string> = new Set(['label', 'annotations', 'sync-option']);

/** Adds a flag that changes a part of an Application. */
export function addFlag<Target>(command: Command, flag: Flag<Target>): void {
  const short = flag.short === undefined ? shortOf(flag.name) : `-${flag.short}, `;
  if (flag.kind === 'switch') {
    addSwitch(command, `${short}--${flag.name}`, flag.description);
    return;
  }
  const option = new Option(`${short}--${flag.name} <value>`, flag.description);
  if (flag.kind === 'list') option.argParser(commaLists.has(flag.name) ? collectList : collect);
  command.addOption(option);
}

function shortOf(name: string): string {
  return name === 'app-namespace' ? '-N, ' : '';
}

async function readApplications(
  context: CliContext,
  name: string | undefined,
  command: Command,
): Promise<Application[]> {
  const values = await flagValues(command);
  const file: unknown = command.getOptionValue('file');
  if (typeof file !== 'string') {
    if (name !== undefined) return [buildApplication({ name }, values)];
    throw new KeelsonError(
      'invalid-argument',
      'application has no name; write keelson app create NAME, or -f FILE',
    );
  }
  const documents = parseDocuments(file, file === '-' ? await readInput(context) : await readNamedFile(file));
  if (documents.length > 1 && name !== undefined) {
    throw new KeelsonError(
      'invalid-argument',
      `file ${file} holds ${documents.length} applications; leave the name out to create all of them`,
    );
  }
  return documents.map((document) => buildApplication({ name, file: document }, values));
}

/** The values of the flags that were given, by long name. */
export async function flagValues(command: Command): Promise<FlagValues> {
  const values: Record<string, unknown> = {};
  const literal: unknown = command.getOptionValue('valuesLiteralFile');
  if (typeof literal === 'string') values['values-literal'] = await readNamedFile(literal);
  for (const option of command.options) {
    if (option.negate) continue;
    setField(values, option.name(), command.getOptionValue(option.attributeName()));
  }
  return values;
}

function parseDocuments(path: string, text: string): unknown[] {
  const values: unknown[] = [];
  for (const document of readDocuments(text, 'manifests')) {
    if ('problem' in document) {
      throw new KeelsonError('invalid-argument', `file ${path}:${document.line}: ${document.problem}`);
    }
    values.push(...objectsOf(document.value));
  }
  if (values.length > 0) return values;
  throw new KeelsonError(
    'invalid-argument',
    `file ${path} holds no application; write one Application into it`,
  );
}

/** The objects of a document: one, or those of a list as `keelson app list` and `kubectl get` print it. */
function objectsOf(value: unknown): readonly unknown[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value;
  if (typeof value === 'object' && 'items' in value && Array.isArray(value.items)) return value.items;
  return [value];
}

/** Says which sync options of an application do nothing. */
export function warnOfOptions(context: CliContext, { syncPolicy }: ApplicationSpec): void {
  for (const warning of optionWarnings(syncPolicy?.syncOptions ?? [])) context.note(`warning: ${warning}`);
}

/** Creates one application and says what that changed. */
async function createOne(
  client: ApiClient,
  application: Application,
  options: { upsert: boolean; validate: boolean },
): Promise<'created' | 'updated' | 'unchanged'> {
  const { name, namespace } = application.metadata;
  const before = await findApplication(client, namespace === undefined ? name : `${namespace}/${name}`);
  const after = await client.applications.create(application, options);
  if (before === undefined) return 'created';
  return before.metadata.generation === after.metadata.generation &&
    before.metadata.resourceVersion === after.metadata.resourceVersion
    ? 'unchanged'
    : 'updated';
}

/** An application that cannot be seen counts as missing: whether it may be created is the server's to say. */
async function findApplication(client: ApiClient, name: string): Promise<Application | undefined> {
  try {
    return await client.applications.get(name);
  } catch (error) {
    if (error instanceof ApiError && (error.code === 'forbidden' || error.code === 'not-found'))
      return undefined;
    throw error;
  }
}
