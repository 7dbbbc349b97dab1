import type { Command } from 'commander';
import type { Application } from '../../../core/application/spec/spec.ts';
import type { SyncWindows } from '../../../core/wire/sync.ts';
import { addSwitch, type CliContext } from '../../command.ts';
import { readPosition, sourceAt } from '../../flags/change-sources.ts';
import { collect, parseFormat } from '../../flags/flag-value.ts';
import {
  formatApplicationList,
  formatConditions,
  formatHistory,
  formatOperationState,
  formatParameters,
  formatResources,
  formatSummary,
  qualifiedName,
} from '../../render/render-application.ts';
import { formatTree, formatTreeTable } from '../../render/render-tree.ts';
import { ApiError } from '../../server/api-error.ts';
import type { ApiClient } from '../../server/client.ts';
import { formatStructured } from '../../terminal/output.ts';

/** Adds the commands that only look: `list`, `get`, `history` and `resources`. */
export function addAppReads(app: Command, context: CliContext): void {
  addList(app, context);
  addGet(app, context);
  addHistory(app, context);
  addResources(app, context);
}

type ListFlags = {
  readonly output: string;
  readonly project?: readonly string[];
  readonly selector?: string;
  readonly repo?: string;
  readonly cluster?: string;
  readonly appNamespace?: string;
};

function addList(app: Command, context: CliContext): void {
  app
    .command('list')
    .description('list applications')
    .option('-o, --output <format>', 'wide, name, json or yaml', 'wide')
    .option('-p, --project <project>', 'only of this project; may be repeated', collect)
    .option('-l, --selector <selector>', 'only with these labels')
    .option('-r, --repo <url>', 'only from this repository')
    .option('-c, --cluster <cluster>', 'only to this cluster, by name or API URL')
    .option('-N, --app-namespace <namespace>', 'only in this namespace')
    .action(async (flags: ListFlags, command: Command) => {
      const format = parseFormat(flags.output, ['wide', 'name', 'json', 'yaml']);
      const { selector, repo, appNamespace: namespace } = flags;
      const applications = await context.withClient(command, (client) =>
        client.applications.list({ selector, repo, namespace, projects: flags.project ?? [] }),
      );
      const shown = applications.filter((one) => isShown(one, flags));
      context.print(formatStructured(shown, format) ?? formatList(shown, format));
    });
}

function isShown({ metadata, spec }: Application, { cluster, appNamespace }: ListFlags): boolean {
  const { name, server } = spec.destination;
  if (cluster !== undefined && cluster !== name && cluster !== server) return false;
  return appNamespace === undefined || appNamespace === metadata.namespace;
}

function formatList(applications: readonly Application[], format: string): string {
  if (format !== 'name') return formatApplicationList(applications);
  return applications.map((one) => `${qualifiedName(one)}\n`).join('');
}

type GetFlags = {
  readonly output: string;
  readonly refresh?: boolean;
  readonly hardRefresh?: boolean;
  readonly showOperation?: boolean;
  readonly showParams?: boolean;
  readonly sourcePosition?: string;
};

function addGet(app: Command, context: CliContext): void {
  const get = app
    .command('get')
    .description('show an application')
    .argument('<name>', 'application')
    .option('-o, --output <format>', 'wide, json, yaml or tree', 'wide')
    .option('--source-position <position>', 'show this one of several sources, from 1');
  addSwitch(get, '--show-params', 'show the parameters and images that a source sets');
  addSwitch(get, '--refresh', 'compare with the source and the cluster first');
  addSwitch(get, '--hard-refresh', 'render anew and compare first');
  addSwitch(get, '--show-operation', 'show the last operation too');
  get.action(async (name: string, flags: GetFlags, command: Command) => {
    const format = parseFormat(flags.output, ['wide', 'json', 'yaml', 'tree', 'tree=detailed']);
    await context.withClient(command, async (client) => {
      const application = await client.applications.get(name, { refresh: refreshOf(flags) });
      const structured = formatStructured(application, format);
      context.print(structured ?? (await describeApplication(client, name, application, format, flags)));
    });
  });
}

/** How much is looked at anew before an application is shown. */
export function refreshOf(flags: {
  refresh?: boolean;
  hardRefresh?: boolean;
}): 'normal' | 'hard' | undefined {
  if (flags.hardRefresh === true) return 'hard';
  return flags.refresh === true ? 'normal' : undefined;
}

/** An application for people: summary, conditions, the last operation if wanted, and its objects. */
export async function describeApplication(
  client: ApiClient,
  name: string,
  application: Application,
  format: string,
  flags: Pick<GetFlags, 'showOperation' | 'showParams' | 'sourcePosition'>,
): Promise<string> {
  const position = readPosition(flags.sourcePosition);
  const named = { name, spec: application.spec };
  const chosen = position === undefined ? undefined : sourceAt(named, position).source;
  const extras = {
    url: `${client.server}/applications/${qualifiedName(application)}`,
    windows: await readWindows(client, name),
  };
  const objects = format.startsWith('tree')
    ? formatTree(await client.applications.resourceTree(name), application)
    : formatResources(application);
  const parts = [
    formatSummary(application, { ...extras, ...(chosen === undefined ? {} : { sources: [chosen] }) }),
    flags.showParams === true ? formatParameters(chosen ?? sourceAt(named, undefined).source) : '',
    flags.showOperation === true ? formatOperationState(application) : '',
    formatConditions(application),
    objects,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** A server that knows no sync windows closes none. */
async function readWindows(client: ApiClient, name: string): Promise<SyncWindows> {
  try {
    return await client.operations.syncWindows(name);
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 501)) {
      return { activeWindows: [], assignedWindows: [], canSync: true };
    }
    throw error;
  }
}

function addHistory(app: Command, context: CliContext): void {
  app
    .command('history')
    .description('show the successful syncs of an application')
    .argument('<name>', 'application')
    .option('-o, --output <format>', 'wide, id, json or yaml', 'wide')
    .action(async (name: string, flags: { output: string }, command: Command) => {
      const format = parseFormat(flags.output, ['wide', 'id', 'json', 'yaml']);
      const application = await context.withClient(command, (client) => client.applications.get(name));
      const history = application.status?.history ?? [];
      const ids = history.map((entry) => `${entry.id}\n`).join('');
      context.print(
        formatStructured(history, format) ?? (format === 'id' ? ids : formatHistory(application)),
      );
    });
}

function addResources(app: Command, context: CliContext): void {
  const resources = app
    .command('resources')
    .description('list the objects of an application')
    .argument('<name>', 'application')
    .option('-o, --output <format>', 'wide, tree, json or yaml', 'wide');
  addSwitch(resources, '--orphaned', 'only objects of the namespace that nobody manages');
  resources.action(async (name: string, flags: { output: string; orphaned?: boolean }, command: Command) => {
    const format = parseFormat(flags.output, ['wide', 'tree', 'tree=detailed', 'json', 'yaml']);
    const [tree, application] = await context.withClient(command, (client) =>
      Promise.all([client.applications.resourceTree(name), client.applications.get(name)]),
    );
    context.print(
      formatStructured(tree, format) ??
        (format.startsWith('tree')
          ? formatTree(tree, application)
          : formatTreeTable(tree, application, { orphanedOnly: flags.orphaned === true })),
    );
  });
}
