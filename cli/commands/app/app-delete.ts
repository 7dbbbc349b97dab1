import type { Command } from 'commander';
import { KeelsonError } from '../../../core/errors.ts';
import { heldAnswers } from '../../../core/home/deletion/deletion-guard.ts';
import type { OperationView } from '../../../core/wire/operation.ts';
import type { DeleteOptions, PropagationPolicy } from '../../../core/wire/requests/applications.ts';
import { addSwitch, type CliContext } from '../../command.ts';
import { parseWord } from '../../flags/flag-value.ts';
import { followOperation } from '../../render/progress.ts';
import { formatOrphans, shortId } from '../../render/render-operation.ts';
import { chooseApplications } from '../../server/choose-applications.ts';
import type { ApiClient } from '../../server/client.ts';
import { pollUntil, startDeadline } from '../../server/deadline.ts';
import { unsuccessfulStatus } from '../../terminal/output.ts';
import { ask, canAsk } from '../../terminal/prompt.ts';

type Flags = {
  readonly appNamespace?: string;
  readonly cascade?: boolean;
  readonly propagationPolicy?: string;
  readonly deadline?: string;
  readonly orphan?: boolean;
  readonly yes?: boolean;
  readonly wait?: boolean;
  readonly selector?: string;
};

/** Adds `keelson app delete`, `confirm-deletion`, `held-deletion` and `terminate-op`. */
export function addAppDelete(app: Command, context: CliContext): void {
  const remove = app
    .command('delete')
    .description('delete applications, and with them their objects')
    .argument('[names...]', 'applications')
    .option('-p, --propagation-policy <policy>', 'foreground or background')
    .option('--deadline <duration>', 'end the deletion as failed if it takes longer, such as 10m')
    .option('-l, --selector <selector>', 'delete all applications with these labels');
  addSwitch(remove, '--cascade', 'delete the objects too (default)');
  addSwitch(remove, '--orphan', 'give the objects up, also those of a deletion that runs');
  addSwitch(remove, '-y, --yes', 'do not ask');
  addSwitch(remove, '--wait', 'show the deletion wave by wave until the applications are gone');
  remove.action(async (names: string[], flags: Flags, command: Command) => {
    const options = readOptions(flags);
    const keeps = options.orphan === true || options.cascade === false;
    await context.withClient(command, async (client) => {
      const chosen = await chooseApplications(client, {
        names,
        selector: flags.selector,
        namespace: flags.appNamespace,
      });
      const agreement = createAgreement(context, flags.yes === true || keeps, chosen.length);
      for (const name of chosen) {
        if (!(await agreement(name))) {
          context.print(`application '${name}' not deleted\n`);
          continue;
        }
        await deleteOne(context, client, name, { options, wait: flags.wait === true });
      }
    });
  });

  app
    .command('confirm-deletion')
    .description('confirm that objects go that ask for it (Delete=confirm, Prune=confirm)')
    .argument('<name>', 'application')
    .action(async (name: string, _flags: unknown, command: Command) => {
      await context.withClient(command, (client) => client.applications.confirmDeletion(name));
      context.print(`Application '${name}' deletion confirmed\n`);
    });

  app
    .command('held-deletion')
    .description('say what becomes of applications whose objects were deleted together with many others')
    .argument('<names...>', 'applications')
    .requiredOption('--answer <answer>', heldAnswers.join(', '))
    .action(async (names: string[], flags: { readonly answer: string }, command: Command) => {
      const answer = parseWord(flags.answer, heldAnswers, '--answer');
      await context.withClient(command, async (client) => {
        for (const name of names) {
          await client.applications.answerHeldDeletion(name, answer);
          context.print(`application '${name}': ${answer}\n`);
        }
      });
    });

  app
    .command('terminate-op')
    .description('end the running operation of an application')
    .argument('<name>', 'application')
    .action(async (name: string, _flags: unknown, command: Command) => {
      await context.withClient(command, (client) => client.operations.terminate(name));
      context.print(`Application '${name}' operation terminating\n`);
    });
}

const policies: readonly PropagationPolicy[] = ['foreground', 'background'];

/** What the flags ask for; contradictions are refused before anybody is asked. */
function readOptions(flags: Flags): DeleteOptions {
  const { propagationPolicy: policy, deadline, orphan } = flags;
  const keeps = orphan === true || flags.cascade === false;
  if (
    keeps &&
    (policy !== undefined || deadline !== undefined || (orphan === true && flags.cascade === true))
  ) {
    throw new KeelsonError(
      'invalid-argument',
      '--cascade, --propagation-policy and --deadline need objects to delete; leave --orphan out and --cascade on',
    );
  }
  if (orphan === true) return { orphan };
  return {
    cascade: flags.cascade !== false,
    propagationPolicy: policy === undefined ? undefined : parseWord(policy, policies, '--propagation-policy'),
    deadline,
  };
}

type Deletion = { readonly options: DeleteOptions; readonly wait: boolean };

async function deleteOne(
  context: CliContext,
  client: ApiClient,
  name: string,
  { options, wait }: Deletion,
): Promise<void> {
  const { operationId } = await client.applications.delete(name, options);
  if (wait) {
    const ended = await follow(context, client, name, { operationId });
    if (ended.orphans !== undefined) context.print(`\n${formatOrphans(ended.orphans)}\n`);
    if (ended.phase !== 'Succeeded') {
      context.note(`keelson: application ${name} was not deleted: ${ended.message}`);
      context.exitWith(unsuccessfulStatus);
      return;
    }
  }
  context.print(`application '${name}' deleted\n`);
}

/** Shows a deletion until it has ended; one that still waits for a sync to stop is found once it has begun. */
async function follow(
  context: CliContext,
  client: ApiClient,
  name: string,
  deletion: { readonly operationId: string | undefined },
): Promise<OperationView> {
  const { signal } = startDeadline(0, context.signal);
  const operationId = deletion.operationId ?? (await pollUntil(signal, () => findDeletion(client, name)));
  try {
    return await followOperation({
      client,
      application: name,
      operationId,
      out: context.stdout,
      isTerminal: context.isTerminal,
      color: context.color,
      signal,
    });
  } catch (error) {
    if (context.signal?.aborted === true) {
      context.note(`deletion of ${name} goes on; see keelson app operations ${name} ${shortId(operationId)}`);
    }
    throw error;
  }
}

async function findDeletion(client: ApiClient, name: string): Promise<string | undefined> {
  const [newest] = await client.operations.list(name, 1);
  return newest?.kind === 'delete' ? newest.id : undefined;
}

/** Asks before each deletion; `a` answers for the rest as well. */
function createAgreement(
  context: CliContext,
  given: boolean,
  count: number,
): (name: string) => Promise<boolean> {
  let all = given;
  return async (name) => {
    if (all) return true;
    if (!canAsk(context)) {
      throw new KeelsonError(
        'invalid-argument',
        `deletion of application ${name} and its objects must be confirmed and nobody can be asked; pass --yes`,
      );
    }
    const choices = count > 1 ? 'y/n/a' : 'y/n';
    const answer = await ask(context, `Delete application '${name}' and all its objects? (${choices}) `);
    all = count > 1 && /^a(ll)?$/i.test(answer.trim());
    return all || /^y(es)?$/i.test(answer.trim());
  };
}
