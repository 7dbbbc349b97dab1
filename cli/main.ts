import { Command, CommanderError } from 'commander';
import { addAccount } from './account/account-commands.ts';
import { addAdminAccounts } from './account/admin-commands.ts';
import { type CliContext, createContext, normalizeArguments, type Surroundings } from './command.ts';
import { addAbsent } from './commands/app/absent.ts';
import { addAppActions } from './commands/app/app-actions.ts';
import { addAppCreate } from './commands/app/app-create.ts';
import { addAppDelete } from './commands/app/app-delete.ts';
import { addAppDiff } from './commands/app/app-diff.ts';
import { addAppManifests } from './commands/app/app-manifests.ts';
import { addAppOperations } from './commands/app/app-operations.ts';
import { addAppReads } from './commands/app/app-read.ts';
import { addAppRollback } from './commands/app/app-rollback.ts';
import { addAppSources } from './commands/app/app-sources.ts';
import { addAppSync } from './commands/app/app-sync.ts';
import { addAppWait } from './commands/app/app-wait.ts';
import { addCert } from './commands/cert.ts';
import { addContextCommands } from './commands/context.ts';
import { addGpg } from './commands/gpg.ts';
import { addAdminBackups } from './commands/home/admin-backups.ts';
import { addAdminDefinitions } from './commands/home/admin-definitions.ts';
import { addLogin } from './commands/login.ts';
import { addProj } from './commands/proj/proj.ts';
import { addRepo } from './commands/repo.ts';
import { addRepocreds } from './commands/repocreds.ts';
import { addAdminKeys } from './commands/settings/admin-keys.ts';
import { addAdminSettings } from './commands/settings/admin-settings.ts';
import { addResourceOverrides } from './commands/settings/override-commands.ts';
import { addRbac } from './commands/settings/rbac-commands.ts';
import { addSettings } from './commands/settings/settings.ts';
import { addVersion } from './commands/version.ts';
import { addAppNamespace } from './flags/app-namespace.ts';
import { collect } from './flags/flag-value.ts';
import { exitStatusOf, formatFailure, interruptedStatus } from './terminal/output.ts';

/** Runs one command line and returns its exit status; failures are told on standard error. */
export async function runCli(surroundings: Surroundings): Promise<number> {
  const { context, status } = createContext(surroundings);
  const program = createProgram(context);
  const argv = normalizeArguments(program, surroundings.argv);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return status();
  } catch (error) {
    if (surroundings.signal?.aborted === true || isInterruption(error)) return interruptedStatus;
    // The parser has said what is wrong, or printed the help that was asked for.
    if (!(error instanceof CommanderError)) surroundings.stderr.write(formatFailure(error));
    return isDiffUsage(argv, error) ? diffUsageStatus : exitStatusOf(error);
  }
}

function createProgram(context: CliContext): Command {
  const program = new Command('keelson')
    .description('Keeps Kubernetes clusters in step with Git.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      getOutHelpWidth: () => context.stdout.columns ?? 100,
      getErrHelpWidth: () => context.stderr.columns ?? 100,
    })
    .showHelpAfterError('(add --help for the flags)')
    .option('--server <address>', 'server; else KEELSON_SERVER, else the current context')
    .option('--auth-token <token>', 'session or API token; better given as KEELSON_AUTH_TOKEN')
    .option('--plaintext', 'speak HTTP without TLS')
    .option('--insecure', 'accept any certificate')
    .option('--server-crt <file>', 'certificates to trust, in PEM')
    .option('-H, --header <header>', 'header to send, "Name: value"; may be repeated', collect)
    .option('--config <file>', 'config file; else KEELSON_CONFIG')
    .option('--context <name>', 'context to use instead of the current one')
    .option('--argocd-context <name>', 'same as --context')
    .option('--loglevel <level>', 'debug prints each request', 'info')
    .option('--logformat <format>', 'accepted for scripts')
    .option('--grpc-web', 'accepted for scripts; HTTP is spoken in any case');
  addLogin(program, context);
  addContextCommands(program, context);
  addAccount(program, context);
  addVersion(program, context);
  const app = program.command('app').description('work with applications');
  addAppCreate(app, context);
  addAppReads(app, context);
  addAppSources(app, context);
  addAppSync(app, context);
  addAppRollback(app, context);
  addAppWait(app, context);
  addAppDiff(app, context);
  addAppManifests(app, context);
  addAppOperations(app, context);
  addAppDelete(app, context);
  addAppActions(app, context);
  addAppNamespace(app);
  addProj(program, context);
  addRepo(program, context);
  addRepocreds(program, context);
  addCert(program, context);
  addGpg(program, context);
  addSettings(program, context);
  const admin = program.command('admin').description('work on files and installations');
  const settings = addAdminSettings(admin, context);
  addResourceOverrides(settings, context);
  addRbac(settings, context);
  addAdminKeys(admin, context);
  addAdminAccounts(admin, context);
  addAdminDefinitions(admin, context);
  addAdminBackups(admin, context);
  addAbsent(program);
  return program;
}

/** Status 1 of `app diff` means differences, so wrong usage has a status of its own. */
const diffUsageStatus = 2;

function isDiffUsage(argv: readonly string[], error: unknown): boolean {
  const isUsage = error instanceof CommanderError && error.exitCode !== 0;
  return isUsage && argv.includes('app') && argv[argv.indexOf('app') + 1] === 'diff';
}

function isInterruption(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
