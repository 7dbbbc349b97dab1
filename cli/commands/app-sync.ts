import type { Command } from 'commander';
import type { OperationView } from '../../core/sync/operation.ts';
import { chooseApplications } from '../choose-applications.ts';
import type { ApiClient } from '../client.ts';
import { addSwitch, type CliContext } from '../command.ts';
import { parseTimeout, pollUntil, startDeadline } from '../deadline.ts';
import { collect, parseFormat } from '../flag-value.ts';
import { formatStructured, unsuccessfulStatus } from '../output.ts';
import { followOperation } from '../progress.ts';
import type { ApplicationReply } from '../replies.ts';
import {
  parseResource,
  type ResourceSelector,
  type SyncBody,
  type SyncFlags,
  selectResources,
  syncBodyOf,
} from '../sync-body.ts';
import { isOperating } from '../wait-condition.ts';
import { describeApplication } from './app-read.ts';

type Flags = SyncFlags & {
  readonly resource?: readonly string[];
  readonly selector?: string;
  readonly project?: readonly string[];
  readonly async?: boolean;
  readonly timeout: string;
  readonly output: string;
};

/** Adds `keelson app sync`. */
export function addAppSync(app: Command, context: CliContext): void {
  const sync = app
    .command('sync')
    .description('bring applications to their target state and wait until that is done')
    .argument('[names...]', 'applications')
    .option('-l, --selector <selector>', 'sync all applications with these labels')
    .option('--project <project>', 'sync all applications of this project; may be repeated', collect)
    .option('--revision <revision>', 'sync to this revision instead of the target revision')
    .option('--resource <[!]GROUP:KIND:[NAMESPACE/]NAME>', 'only this object, or with ! all but it', collect)
    .option('--strategy <strategy>', 'hook or apply (no hooks)')
    .option('--info <name=value>', 'note to keep with the operation; may be repeated', collect)
    .option('--timeout <seconds>', 'give up waiting after this time; the sync itself goes on', '0')
    .option('--retry-limit <count>', 'retries of a failed sync; below 0 unlimited')
    .option('--retry-backoff-duration <duration>', 'wait before the first retry', '5s')
    .option('--retry-backoff-factor <factor>', 'growth of the wait with each retry', '2')
    .option('--retry-backoff-max-duration <duration>', 'longest wait', '3m')
    .option('-o, --output <format>', 'wide, json, yaml or tree', 'wide');
  addSwitch(sync, '--prune', 'delete objects that are no longer in the source');
  addSwitch(sync, '--dry-run', 'only try what the cluster would say');
  addSwitch(sync, '--force', 'replace objects that cannot be changed');
  addSwitch(sync, '--replace', 'replace objects instead of applying them');
  addSwitch(sync, '--server-side', 'apply on the server side');
  addSwitch(sync, '--apply-out-of-sync-only', 'leave objects that are in sync alone');
  addSwitch(sync, '--async', 'do not wait for the end');
  sync.action(async (names: string[], flags: Flags, command: Command) => {
    const request = readRequest(flags);
    await context.withClient(command, async (client) => {
      const { selector, project } = flags;
      for (const name of await chooseApplications(client, { names, selector, project })) {
        await syncOne(context, client, name, request);
      }
    });
  });
}

/** What the flags ask for, checked in full before anything is sent. */
type Request = {
  readonly body: SyncBody;
  readonly selectors: readonly ResourceSelector[];
  readonly timeoutSeconds: number;
  readonly format: string;
  readonly wait: boolean;
};

function readRequest(flags: Flags): Request {
  return {
    body: syncBodyOf(flags),
    selectors: (flags.resource ?? []).map(parseResource),
    timeoutSeconds: parseTimeout(flags.timeout),
    format: parseFormat(flags.output, ['wide', 'json', 'yaml', 'tree', 'tree=detailed']),
    wait: flags.async !== true,
  };
}

async function syncOne(
  context: CliContext,
  client: ApiClient,
  name: string,
  request: Request,
): Promise<void> {
  const { selectors, format } = request;
  const known = selectors.length === 0 ? [] : ((await client.getApplication(name)).status?.resources ?? []);
  const { resources, hints } = selectResources(selectors, known);
  for (const hint of hints) context.note(hint);
  const body = resources.length === 0 ? request.body : { ...request.body, resources };
  const { operationId } = await client.syncApplication(name, body);
  if (!request.wait) return;
  const { ended, application } = await waitForEnd(context, client, name, operationId, request);
  context.print(
    formatStructured(application, format) ??
      `\n${await describeApplication(client, name, application, format, { showOperation: true })}`,
  );
  const verdict = verdictOf(ended, application, selectors.length > 0);
  if (verdict === undefined) return;
  context.note(`keelson: ${name}: ${verdict}`);
  context.exitWith(unsuccessfulStatus);
}

async function waitForEnd(
  context: CliContext,
  client: ApiClient,
  name: string,
  operationId: string,
  request: Request,
): Promise<{ ended: OperationView; application: ApplicationReply }> {
  const deadline = startDeadline(request.timeoutSeconds, context.signal);
  const forPrograms = request.format === 'json' || request.format === 'yaml';
  try {
    const ended = await followOperation({
      client,
      application: name,
      operationId,
      // Standard output belongs to the result when a program reads it.
      out: forPrograms ? context.stderr : context.stdout,
      isTerminal: context.isTerminal && !forPrograms,
      color: context.color,
      signal: deadline.signal,
    });
    const application = await settledApplication(client, name, deadline.signal);
    if (isOperating(application))
      context.note(`${name} was not compared since its sync; its status may be old`);
    return { ended, application };
  } catch (error) {
    if (context.signal?.aborted === true) {
      context.note(`sync of ${name} goes on; see keelson app operations ${name} ${operationId.slice(0, 8)}`);
    }
    throw deadline.expired(`application ${name} to finish its sync, which goes on`) ?? error;
  }
}

/** A comparison follows each sync; without a session for the cluster it may not come, and the sync is over anyway. */
const comparisonMilliseconds = 15_000;

async function settledApplication(
  client: ApiClient,
  name: string,
  signal: AbortSignal,
): Promise<ApplicationReply> {
  const giveUpAt = Date.now() + comparisonMilliseconds;
  return await pollUntil(signal, async () => {
    const application = await client.getApplication(name);
    return isOperating(application) && Date.now() < giveUpAt ? undefined : application;
  });
}

/** Why a sync that has ended is not a success; undefined if it is one. */
function verdictOf(
  ended: OperationView,
  application: ApplicationReply,
  isPartial: boolean,
): string | undefined {
  if (ended.phase !== 'Succeeded') {
    const reason = ended.message === '' ? '' : `: ${ended.message}`;
    return `operation has completed with phase ${ended.phase}${reason}`;
  }
  if (ended.request.dryRun || isPartial || application.status?.sync?.status === 'Synced') return undefined;
  const left = ended.steps.filter((step) => step.status === 'PruneSkipped').length;
  if (left === 0) return undefined;
  const words = left === 1 ? 'resource requires' : 'resources require';
  return `${left} ${words} pruning; sync with --prune to delete what is no longer in the source`;
}
