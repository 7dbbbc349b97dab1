import type { Command } from 'commander';
import { KeelsonError } from '../../core/errors.ts';
import type { Repository } from '../../core/wire/repository.ts';
import { addSwitch, type CliContext } from '../command.ts';
import {
  addCredentialFlags,
  type CredentialFlags,
  credentialFields,
  readText,
} from '../flags/credential-flags.ts';
import { parseFormat, parseWord } from '../flags/flag-value.ts';
import { formatRepositories } from '../render/render-sources.ts';
import { formatStructured } from '../terminal/output.ts';

/** Adds `keelson repo`. */
export function addRepo(program: Command, context: CliContext): void {
  const repo = program.command('repo').description('register repositories and how they are read');
  addAdd(repo, context);
  addList(repo, context);
  addGet(repo, context);
  addRemove(repo, context);
  addApply(repo, context);
}

type AddFlags = CredentialFlags & {
  readonly name?: string;
  readonly project?: string;
  readonly insecureIgnoreHostKey?: boolean;
  readonly insecureSkipServerVerification?: boolean;
  readonly enableLfs?: boolean;
  readonly depth?: string;
  readonly upsert?: boolean;
};

function addAdd(repo: Command, context: CliContext): void {
  const add = repo
    .command('add')
    .description('register a repository after a connection test')
    .argument('<url>', 'address of the repository')
    .option('--name <name>', 'name, for Helm repositories')
    .option('--project <project>', 'only for the applications of this project')
    .option('--depth <commits>', 'fetch so many commits of history only');
  addCredentialFlags(add);
  addSwitch(add, '--insecure-ignore-host-key', 'same as --insecure-skip-server-verification');
  addSwitch(add, '--insecure-skip-server-verification', 'accept any certificate and host key');
  addSwitch(add, '--enable-lfs', 'fetch files that are kept in LFS');
  addSwitch(add, '--upsert', 'change the repository if it is registered');
  add.action(async (url: string, flags: AddFlags, command: Command) => {
    if (flags.type === 'helm' && flags.name === undefined) {
      throw new KeelsonError('invalid-argument', 'a repository of type helm needs --name; give it one');
    }
    const insecure = flags.insecureIgnoreHostKey === true || flags.insecureSkipServerVerification === true;
    const fields = {
      repo: url,
      name: flags.name,
      project: flags.project,
      insecure,
      enableLfs: flags.enableLfs,
      depth: flags.depth,
      ...(await credentialFields(context, flags)),
    };
    const upsert = flags.upsert === true;
    await context.withClient(command, (client) => client.sources.addRepository(fields, { upsert }));
    context.print(`Repository '${url}' added\n`);
  });
}

const formats = ['wide', 'url', 'json', 'yaml'] as const;

type ShowFlags = { readonly output: string; readonly refresh?: string; readonly project?: string };

/** Whether the connection is to be tested anew. */
function isHard({ refresh }: ShowFlags): boolean {
  return refresh !== undefined && parseWord(refresh, ['hard'], '--refresh') === 'hard';
}

function formatAll(repositories: readonly Repository[], format: string): string {
  if (format === 'url') return repositories.map(({ repo }) => `${repo}\n`).join('');
  return formatRepositories(repositories);
}

function addList(repo: Command, context: CliContext): void {
  repo
    .command('list')
    .description('list repositories')
    .option('-o, --output <format>', 'wide, url, json or yaml', 'wide')
    .option('--refresh <how>', 'hard tests all connections first')
    .action(async (flags: ShowFlags, command: Command) => {
      const format = parseFormat(flags.output, formats);
      const refresh = isHard(flags);
      const all = await context.withClient(command, (client) => client.sources.listRepositories({ refresh }));
      context.print(formatStructured(all, format) ?? formatAll(all, format));
    });
}

function addGet(repo: Command, context: CliContext): void {
  repo
    .command('get')
    .description('show a repository')
    .argument('<url>', 'address of the repository')
    .option('-o, --output <format>', 'wide, url, json or yaml', 'wide')
    .option('--project <project>', 'the one of this project')
    .option('--refresh <how>', 'hard tests the connection first')
    .action(async (url: string, flags: ShowFlags, command: Command) => {
      const format = parseFormat(flags.output, formats);
      const options = { project: flags.project, refresh: isHard(flags) };
      const one = await context.withClient(command, (client) => client.sources.getRepository(url, options));
      context.print(formatStructured(one, format) ?? formatAll([one], format));
    });
}

function addRemove(repo: Command, context: CliContext): void {
  repo
    .command('rm')
    .description('forget repositories and their credentials')
    .argument('<urls...>', 'addresses of the repositories')
    .option('--project <project>', 'the ones of this project')
    .action(async (urls: string[], flags: { project?: string }, command: Command) => {
      await context.withClient(command, async (client) => {
        for (const url of urls) {
          await client.sources.removeRepository(url, flags.project);
          context.print(`Repository '${url}' removed\n`);
        }
      });
    });
}

function addApply(repo: Command, context: CliContext): void {
  repo
    .command('apply')
    .description('register what labelled Secrets and the ConfigMaps of hosts, certificates and keys declare')
    .requiredOption(
      '-f, --file <file>',
      'file of manifests, - for standard input; other objects are passed over',
    )
    .action(async (flags: { file: string }, command: Command) => {
      const text = await readText(context, flags.file);
      const declared = await context.withClient(command, (client) => client.sources.apply(text));
      const counted: readonly (readonly [number, string])[] = [
        [declared.repositories, 'repositories'],
        [declared.templates, 'credential templates'],
        [declared.knownHosts, 'host keys'],
        [declared.certificates, 'certificate bundles'],
        [declared.gpgKeys, 'GnuPG keys'],
      ];
      const words = counted.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
      context.print(`${words.length === 0 ? 'nothing' : words.join(', ')} registered\n`);
      if (declared.passedOver > 0) context.note(`${declared.passedOver} other objects passed over`);
    });
}
