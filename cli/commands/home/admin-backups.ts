import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { KeelsonError } from '../../../core/errors.ts';
import { formatIssues } from '../../../core/issue.ts';
import { readManifests } from '../../../core/object/manifest/read-manifests.ts';
import type { CliContext, ImportOutcome, OperatorOfBackups } from '../../command.ts';
import { readText } from '../../flags/credential-flags.ts';
import { collectList } from '../../flags/flag-value.ts';
import { failureStatus, formatYaml } from '../../terminal/output.ts';
import { plainText } from '../../terminal/text.ts';

type ControlPlaneFlags = {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  readonly applicationNamespaces?: readonly string[];
};

/** Adds `keelson admin export` and `admin import`: backups of a control plane's objects, in the reference's format. */
export function addAdminBackups(admin: Command, context: CliContext): void {
  addControlPlaneFlags(admin.command('export'))
    .description(
      "print settings, repositories, clusters, projects and applications as YAML, Secrets' values included",
    )
    .option('-o, --out <file>', 'file to write instead, readable for its owner alone', '-')
    .action(async ({ out, ...choice }: ControlPlaneFlags & { out: string }) => {
      const objects = await operatorOf(context).export(choice);
      const text = objects.map((object) => formatYaml(object)).join('---\n');
      if (out === '-') return context.print(text);
      await writeFile(out, text, { mode: 0o600 });
      context.note(`${objects.length} objects written to ${out}`);
    });
  addImport(admin, context);
}

type ImportCommandFlags = ControlPlaneFlags & {
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly stopOperation?: boolean;
  readonly ignoreTracking?: boolean;
  readonly verbose?: boolean;
};

function addImport(admin: Command, context: CliContext): void {
  addControlPlaneFlags(admin.command('import'))
    .description('bring back what such a backup holds, of Keelson or of the reference')
    .argument('<source>', 'file of the backup, or - for standard input')
    .option('--dry-run', 'only say what would be done')
    .option('--prune', 'delete what the backup does not hold; what it deployed stays')
    .option('--stop-operation', 'take back operations that are asked for on applications')
    .option('--ignore-tracking', 'leave the marks of an application that manages the objects')
    .option('--verbose', 'say of what is unchanged, too')
    .action(async (source: string, flags: ImportCommandFlags) => {
      const {
        dryRun = false,
        prune = false,
        stopOperation = false,
        ignoreTracking = false,
        verbose,
        ...choice
      } = flags;
      const { manifests, issues } = readManifests(await readText(context, source), source);
      if (issues.length > 0) throw new KeelsonError('manifest-invalid', formatIssues(issues));
      let failures = 0;
      const tell = (outcome: ImportOutcome): void => {
        if (outcome.failed === true) failures += 1;
        if (outcome.action !== 'unchanged' || verbose === true) {
          context.print(`${plainText(lineOf(outcome, dryRun))}\n`);
        }
      };
      const chosen = { dryRun, prune, stopOperation, ignoreTracking };
      await operatorOf(context).import(manifests, choice, chosen, tell);
      if (failures > 0) context.exitWith(failureStatus);
    });
}

function addControlPlaneFlags(command: Command): Command {
  return command
    .option(
      '-n, --namespace <namespace>',
      'namespace of the control plane; else that of the roles, else argocd',
    )
    .option(
      '--application-namespaces <patterns>',
      'namespaces of applications; else those of the settings',
      collectList,
    )
    .option('--kubeconfig <file>', 'cluster; else that of the roles, else that of kubectl')
    .option('--context <name>', 'context of that kubeconfig');
}

const words: Readonly<Record<ImportOutcome['action'], string>> = {
  create: 'created',
  update: 'updated',
  unchanged: 'unchanged',
  prune: 'pruned',
  unwanted: 'needs pruning',
  skip: 'skipped',
};

function lineOf({ action, name, reason, failed }: ImportOutcome, dryRun: boolean): string {
  if (failed === true) return `${name} could not be ${words[action]}: ${reason}`;
  const said = reason === undefined ? '' : `: ${reason}`;
  return `${name} ${words[action]}${said}${dryRun ? ' (dry run)' : ''}`;
}

function operatorOf({ backups }: CliContext): OperatorOfBackups {
  if (backups !== undefined) return backups;
  throw new KeelsonError('internal', 'this program was started without its way to clusters');
}
