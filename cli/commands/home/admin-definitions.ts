import type { Command } from 'commander';
import { KeelsonError } from '../../../core/errors.ts';
import type { CliContext, OperatorOfDefinitions } from '../../command.ts';

type Flags = { apply?: boolean; takeOver?: boolean; kubeconfig?: string; context?: string };

/** Adds `keelson admin crds`, which prints the definitions of Keelson's kinds, or installs them. */
export function addAdminDefinitions(admin: Command, context: CliContext): void {
  admin
    .command('crds')
    .description('print the definitions of Application, AppProject, ApplicationSet and ImageUpdater')
    .option('--apply', 'install them instead, and wait until they are served')
    .option('--take-over', "replace those that somebody else has installed, such as another controller's")
    .option('--kubeconfig <file>', 'cluster to install them on; else that of the roles, else that of kubectl')
    .option('--context <name>', 'context of that kubeconfig')
    .action(async ({ apply, takeOver = false, ...choice }: Flags) => {
      const definitions = operatorOf(context);
      if (apply !== true) return context.print(await definitions.text());
      for (const { name, outcome } of await definitions.install(choice, takeOver)) {
        context.print(`${name} ${words[outcome]}\n`);
      }
    });
}

const words = {
  applied: 'installed',
  kept: 'left as somebody else has installed it (--take-over replaces it)',
} as const;

function operatorOf({ definitions }: CliContext): OperatorOfDefinitions {
  if (definitions !== undefined) return definitions;
  throw new KeelsonError('internal', 'this program was started without its definitions');
}
