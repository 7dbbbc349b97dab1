import type { Command } from 'commander';
import { KeelsonError } from '../../../core/errors.ts';
import { formatKey } from '../../../core/object/key.ts';
import type { ObjectRef } from '../../../core/wire/requests/applications.ts';
import type { TreeNode } from '../../../core/wire/tree.ts';
import { addSwitch, type CliContext } from '../../command.ts';
import { collect, parseAssignment, parseFormat } from '../../flags/flag-value.ts';
import type { ApiClient } from '../../server/client.ts';
import { formatStructured } from '../../terminal/output.ts';
import { formatTable } from '../../terminal/table.ts';

/** Which objects of an application are meant. */
type ObjectFlags = {
  readonly kind?: string;
  readonly group?: string;
  readonly resourceName?: string;
  readonly namespace?: string;
};

/** Adds `keelson app actions`. */
export function addAppActions(app: Command, context: CliContext): void {
  const actions = app.command('actions').description('list and run actions of objects');
  addList(actions, context);
  addRun(actions, context);
}

function addObjectFlags(command: Command): Command {
  return command
    .option('--kind <kind>', 'only objects of this kind')
    .option('--group <group>', 'only objects of this group; empty for the core group')
    .option('--resource-name <name>', 'only objects of this name')
    .option('--namespace <namespace>', 'only objects in this namespace');
}

function addList(actions: Command, context: CliContext): void {
  addObjectFlags(actions.command('list'))
    .description('list the actions of the objects of an application')
    .argument('<name>', 'application')
    .option('-o, --out <format>', 'wide, json or yaml', 'wide')
    .action(async (name: string, flags: ObjectFlags & { out: string }, command: Command) => {
      const format = parseFormat(flags.out, ['wide', 'json', 'yaml']);
      const rows = await context.withClient(command, async (client) => {
        const objects = await chooseObjects(client, name, flags);
        return (await Promise.all(objects.map((object) => listOf(client, name, object)))).flat();
      });
      context.print(formatStructured(rows, format) ?? formatActions(rows));
    });
}

type ActionRow = {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly action: string;
  readonly disabled: boolean;
  readonly reason?: string;
};

async function listOf(client: ApiClient, name: string, object: ObjectRef): Promise<ActionRow[]> {
  const actions = await client.applications.listActions(name, object);
  return actions.map((action) => ({
    group: object.group ?? '',
    kind: object.kind,
    name: object.name,
    action: action.name,
    disabled: action.disabled ?? false,
    ...(action.reason ? { reason: action.reason } : {}),
  }));
}

function formatActions(rows: readonly ActionRow[]): string {
  return formatTable(
    ['GROUP', 'KIND', 'NAME', 'ACTION', 'DISABLED', 'REASON'],
    rows.map((row) => [row.group, row.kind, row.name, row.action, String(row.disabled), row.reason ?? '']),
  );
}

type RunFlags = ObjectFlags & { readonly all?: boolean; readonly param?: readonly string[] };

function addRun(actions: Command, context: CliContext): void {
  const run = addObjectFlags(actions.command('run'))
    .description('run an action of one object, or of all that are meant')
    .argument('<name>', 'application')
    .argument('<action>', 'action')
    .option('--param <name=value>', 'parameter of the action; may be repeated', collect);
  addSwitch(run, '--all', 'run it on all objects that are meant');
  run.action(async (name: string, action: string, flags: RunFlags, command: Command) => {
    const parameters = (flags.param ?? []).map((text) => parseAssignment(text, '--param'));
    await context.withClient(command, async (client) => {
      const objects = await chooseObjects(client, name, flags);
      const [first] = objects;
      if (first === undefined) {
        throw new KeelsonError(
          'invalid-argument',
          `no object of application ${name} fits; see keelson app resources ${name}`,
        );
      }
      if (objects.length > 1 && flags.all !== true) {
        throw new KeelsonError(
          'invalid-argument',
          `${objects.length} objects of application ${name} fit; name one with --kind and --resource-name, or add --all`,
        );
      }
      for (const object of objects) {
        await client.applications.runAction(name, object, { action, parameters });
        context.print(`${action} ran on ${titleOf(object)}\n`);
      }
    });
  });
}

function titleOf({ group = '', kind, namespace = '', name }: ObjectRef): string {
  return formatKey({ group, kind, namespace, name });
}

/** The managed objects that the flags mean; what they own has to be named. */
async function chooseObjects(client: ApiClient, name: string, flags: ObjectFlags): Promise<TreeNode[]> {
  const { nodes } = await client.applications.resourceTree(name);
  return (nodes ?? []).filter((node) => isMeant(node, flags));
}

function isMeant(node: TreeNode, { kind, group, resourceName, namespace }: ObjectFlags): boolean {
  const isManaged = (node.parentRefs ?? []).length === 0;
  return (
    // An object that is only in Git has no uid, and nothing can be done with it.
    Boolean(node.uid) &&
    (isManaged || resourceName !== undefined) &&
    (kind === undefined || node.kind === kind) &&
    (group === undefined || (node.group ?? '') === group) &&
    (resourceName === undefined || node.name === resourceName) &&
    (namespace === undefined || (node.namespace ?? '') === namespace)
  );
}
