import type { Application } from '../../core/application/spec/spec.ts';
import { keptByChoice } from '../../core/sync/options/options.ts';
import type { OperationView } from '../../core/wire/operation.ts';
import type { CliContext } from '../command.ts';
import { describeApplication } from '../commands/app/app-read.ts';
import { followOperation } from '../render/progress.ts';
import { shortId } from '../render/render-operation.ts';
import type { ApiClient } from '../server/client.ts';
import { pollUntil, startDeadline } from '../server/deadline.ts';
import { isOperating } from '../server/wait-condition.ts';
import { formatStructured, unsuccessfulStatus } from '../terminal/output.ts';

/** A sync that has been started, and how its end is to be shown. */
export type StartedSync = {
  readonly name: string;
  readonly operationId: string;
  readonly timeoutSeconds: number;
  readonly format: string;
  /** Whether only some of the application's objects are synced. */
  readonly isPartial: boolean;
};

/** Follows a sync to its end, prints the application, and sets the exit status by how it ended. */
export async function finishSync(context: CliContext, client: ApiClient, sync: StartedSync): Promise<void> {
  const { name, format } = sync;
  const { ended, application } = await waitForEnd(context, client, sync);
  context.print(
    formatStructured(application, format) ??
      `\n${await describeApplication(client, name, application, format, { showOperation: true })}`,
  );
  const verdict = verdictOf(ended, application, sync.isPartial);
  if (verdict === undefined) return;
  context.note(`keelson: ${name}: ${verdict}`);
  context.exitWith(unsuccessfulStatus);
}

async function waitForEnd(
  context: CliContext,
  client: ApiClient,
  { name, operationId, timeoutSeconds, format }: StartedSync,
): Promise<{ ended: OperationView; application: Application }> {
  const deadline = startDeadline(timeoutSeconds, context.signal);
  const forPrograms = format === 'json' || format === 'yaml';
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
      context.note(`sync of ${name} goes on; see keelson app operations ${name} ${shortId(operationId)}`);
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
): Promise<Application> {
  const giveUpAt = Date.now() + comparisonMilliseconds;
  return await pollUntil(signal, async () => {
    const application = await client.applications.get(name);
    return isOperating(application) && Date.now() < giveUpAt ? undefined : application;
  });
}

/** Why a sync that has ended is not a success; undefined if it is one. */
function verdictOf(ended: OperationView, application: Application, isPartial: boolean): string | undefined {
  if (ended.phase !== 'Succeeded') {
    const reason = ended.message === '' ? '' : `: ${ended.message}`;
    return `operation has completed with phase ${ended.phase}${reason}`;
  }
  if (ended.request.dryRun || isPartial || application.status?.sync?.status === 'Synced') return undefined;
  const left = ended.steps.filter(
    ({ status, message }) => status === 'PruneSkipped' && message !== keptByChoice,
  ).length;
  if (left === 0) return undefined;
  const words = left === 1 ? 'resource requires' : 'resources require';
  return `${left} ${words} pruning; sync with --prune to delete what is no longer in the source`;
}
