import type { Command } from 'commander';
import { KeelsonError } from '../../core/errors.ts';
import { chooseApplications } from '../choose-applications.ts';
import type { ApiClient, PropagationPolicy } from '../client.ts';
import { addSwitch, type CliContext } from '../command.ts';
import { startDeadline } from '../deadline.ts';
import { parseWord } from '../flag-value.ts';
import { ask, canAsk } from '../prompt.ts';
import { waitUntilDeleted } from './app-wait.ts';

type Flags = {
  readonly cascade?: boolean;
  readonly propagationPolicy?: string;
  readonly yes?: boolean;
  readonly wait?: boolean;
  readonly selector?: string;
};

/** Adds `keelson app delete` and `keelson app terminate-op`. */
export function addAppDelete(app: Command, context: CliContext): void {
  const remove = app
    .command('delete')
    .description('delete applications, and with them their objects')
    .argument('[names...]', 'applications')
    .option('-p, --propagation-policy <policy>', 'foreground or background')
    .option('-l, --selector <selector>', 'delete all applications with these labels');
  addSwitch(remove, '--cascade', 'delete the objects too (default)');
  addSwitch(remove, '-y, --yes', 'do not ask');
  addSwitch(remove, '--wait', 'wait until the applications are gone');
  remove.action(async (names: string[], flags: Flags, command: Command) => {
    const cascade = flags.cascade !== false;
    const propagationPolicy = parsePolicy(flags.propagationPolicy, cascade);
    await context.withClient(command, async (client) => {
      const chosen = await chooseApplications(client, { names, selector: flags.selector });
      const agreement = createAgreement(context, flags.yes === true || !cascade, chosen.length);
      for (const name of chosen) {
        if (!(await agreement(name))) {
          context.print(`application '${name}' not deleted\n`);
          continue;
        }
        const wait = flags.wait === true;
        await deleteOne(client, name, { cascade, propagationPolicy, wait, signal: context.signal });
        context.print(`application '${name}' deleted\n`);
      }
    });
  });

  app
    .command('terminate-op')
    .description('end the running operation of an application')
    .argument('<name>', 'application')
    .action(async (name: string, _flags: unknown, command: Command) => {
      await context.withClient(command, (client) => client.terminateOperation(name));
      context.print(`Application '${name}' operation terminating\n`);
    });
}

type Deletion = {
  readonly cascade: boolean;
  readonly propagationPolicy: PropagationPolicy | undefined;
  readonly wait: boolean;
  readonly signal: AbortSignal | undefined;
};

async function deleteOne(client: ApiClient, name: string, deletion: Deletion): Promise<void> {
  const { wait, signal, ...options } = deletion;
  const project = wait ? (await client.getApplication(name)).spec.project : undefined;
  await client.deleteApplication(name, options);
  if (project !== undefined) await waitUntilDeleted(client, name, startDeadline(0, signal), project);
}

const policies: readonly PropagationPolicy[] = ['foreground', 'background'];

function parsePolicy(text: string | undefined, cascade: boolean): PropagationPolicy | undefined {
  if (text === undefined) return undefined;
  if (cascade) return parseWord(text, policies, '--propagation-policy');
  throw new KeelsonError(
    'invalid-argument',
    '--propagation-policy needs objects to delete; leave --cascade on',
  );
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
