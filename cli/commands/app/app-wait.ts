import type { Command } from 'commander';
import type { Application } from '../../../core/application/spec/spec.ts';
import { addSwitch, type CliContext } from '../../command.ts';
import { collect, parseFormat } from '../../flags/flag-value.ts';
import { parseResource, type ResourceSelector } from '../../flags/sync-body.ts';
import { resourceRows } from '../../render/render-application.ts';
import { changesHeader, formatChange, formatTimestamp } from '../../render/render-changes.ts';
import { ApiError } from '../../server/api-error.ts';
import { chooseApplications } from '../../server/choose-applications.ts';
import type { ApiClient } from '../../server/client.ts';
import { type Deadline, parseTimeout, pollUntil, startDeadline } from '../../server/deadline.ts';
import {
  isAsWanted,
  missingWords,
  type ObjectState,
  type WaitFor,
  withDefaults,
} from '../../server/wait-condition.ts';
import { formatStructured } from '../../terminal/output.ts';
import { describeApplication } from './app-read.ts';

type Flags = WaitFor & {
  readonly delete?: boolean;
  readonly timeout: string;
  readonly resource?: readonly string[];
  readonly selector?: string;
  readonly appNamespace?: string;
  readonly project?: readonly string[];
  readonly output: string;
};

/** Adds `keelson app wait`. */
export function addAppWait(app: Command, context: CliContext): void {
  const wait = app
    .command('wait')
    .description('wait until applications are synced, healthy and idle, or as the flags say')
    .argument('[names...]', 'applications')
    .option('-l, --selector <selector>', 'wait for all applications with these labels')
    .option('--project <project>', 'wait for all applications of this project; may be repeated', collect)
    .option('--resource <GROUP:KIND:[NAMESPACE/]NAME>', 'look at this object only; may be repeated', collect)
    .option('--timeout <seconds>', 'give up after this time', '0')
    .option('-o, --output <format>', 'wide, json, yaml or tree', 'wide');
  addSwitch(wait, '--sync', 'until synced');
  addSwitch(wait, '--health', 'until healthy');
  addSwitch(wait, '--operation', 'until no operation runs');
  addSwitch(wait, '--suspended', 'until suspended');
  addSwitch(wait, '--degraded', 'until degraded');
  addSwitch(wait, '--delete', 'until deleted');
  wait.action(async (names: string[], flags: Flags, command: Command) => {
    const format = parseFormat(flags.output, ['wide', 'json', 'yaml', 'tree', 'tree=detailed']);
    const selectors = (flags.resource ?? []).map(parseResource);
    const deadline = startDeadline(parseTimeout(flags.timeout), context.signal);
    await context.withClient(command, async (client) => {
      const { selector, project, appNamespace: namespace } = flags;
      for (const name of await chooseApplications(client, { names, selector, project, namespace })) {
        if (flags.delete === true) {
          await waitUntilDeleted(client, name, deadline);
          context.print(`application '${name}' deleted\n`);
        } else {
          await waitForOne(context, client, name, {
            wanted: withDefaults(flags),
            selectors,
            deadline,
            format,
          });
        }
      }
    });
  });
}

type Wait = {
  readonly wanted: WaitFor;
  readonly selectors: readonly ResourceSelector[];
  readonly deadline: Deadline;
  readonly format: string;
};

async function waitForOne(context: CliContext, client: ApiClient, name: string, wait: Wait): Promise<void> {
  const structured = wait.format === 'json' || wait.format === 'yaml';
  const log = structured ? context.stderr : context.stdout;
  const told = new Set<string>();
  let last: Application | undefined;
  try {
    const application = await pollUntil(wait.deadline.signal, async () => {
      const looked = await client.applications.get(name);
      // An application that isn't there has no table.
      if (last === undefined) log.write(`${changesHeader}\n`);
      last = looked;
      for (const line of newRows(looked, told, wait.selectors)) log.write(`${line}\n`);
      return isAsWanted(looked, wait.wanted, statesOf(looked, wait.selectors)) ? looked : undefined;
    });
    context.print(
      formatStructured(application, wait.format) ??
        `\n${await describeApplication(client, name, application, wait.format, { showOperation: true })}`,
    );
  } catch (error) {
    const state = last === undefined ? '' : ` (${missingWords(last, wait.wanted)})`;
    throw wait.deadline.expired(`application ${name} to match the desired state${state}`) ?? error;
  }
}

/** The rows that were not written before; each state of an object is told once. */
function newRows(
  application: Application,
  told: Set<string>,
  selectors: readonly ResourceSelector[],
): string[] {
  const lines: string[] = [];
  for (const row of resourceRows(application)) {
    const [group, kind, namespace, name] = row;
    if (selectors.length > 0 && !selectors.some((one) => fits(one, { group, kind, namespace, name })))
      continue;
    const id = row.join('\n');
    if (told.has(id)) continue;
    told.add(id);
    lines.push(formatChange([formatTimestamp(Date.now()), ...row]));
  }
  return lines;
}

type Ref = {
  group?: string | undefined;
  kind?: string | undefined;
  namespace?: string | undefined;
  name?: string | undefined;
};

function fits(selector: ResourceSelector, ref: Ref): boolean {
  return (
    selector.group === (ref.group ?? '') &&
    selector.kind === ref.kind &&
    selector.name === ref.name &&
    (selector.namespace === undefined || selector.namespace === (ref.namespace ?? ''))
  );
}

/** The states of the chosen objects; one that does not exist yet is neither synced nor healthy. */
function statesOf(
  application: Application,
  selectors: readonly ResourceSelector[],
): readonly ObjectState[] | undefined {
  if (selectors.length === 0) return undefined;
  const resources = application.status?.resources ?? [];
  return selectors.flatMap((selector): ObjectState[] => {
    const found = resources.filter((one) => fits(selector, one));
    if (found.length === 0) return [{ sync: undefined, health: 'Missing' }];
    return found.map((one) => ({ sync: one.status, health: one.health?.status }));
  });
}

/** Waits until an application is gone; one that never was counts as gone. */
export async function waitUntilDeleted(
  client: ApiClient,
  name: string,
  deadline: Deadline,
  project?: string,
): Promise<void> {
  let inProject = project;
  try {
    await pollUntil(deadline.signal, async () => {
      try {
        const application = await client.applications.get(name, { project: inProject });
        // From here on the server tells a missing application from a forbidden one.
        inProject = application.spec.project;
        return undefined;
      } catch (error) {
        const gone =
          error instanceof ApiError && error.code === (inProject === undefined ? 'forbidden' : 'not-found');
        if (gone) return true;
        throw error;
      }
    });
  } catch (error) {
    throw deadline.expired(`application ${name} to be deleted`) ?? error;
  }
}
