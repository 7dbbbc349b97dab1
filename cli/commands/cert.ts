import type { Command } from 'commander';
import { KeelsonError } from '../../core/errors.ts';
import { formatIssues } from '../../core/issue.ts';
import { readKnownHosts } from '../../core/repository/known-hosts.ts';
import { pemBlocks } from '../../core/repository/record.ts';
import { addSwitch, type CliContext } from '../command.ts';
import { readText } from '../flags/credential-flags.ts';
import { parseFormat } from '../flags/flag-value.ts';
import { formatCertificates } from '../render/render-sources.ts';
import { formatStructured } from '../terminal/output.ts';

/** Adds `keelson cert`. */
export function addCert(program: Command, context: CliContext): void {
  const cert = program.command('cert').description('host keys and certificates by which servers are known');
  addSsh(cert, context);
  addTls(cert, context);
  addList(cert, context);
  addRemove(cert, context);
}

const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

type SshFlags = { readonly from?: string; readonly batch?: boolean; readonly upsert?: boolean };

function addSsh(cert: Command, context: CliContext): void {
  const ssh = cert
    .command('add-ssh')
    .description('register host keys, such as ssh-keyscan prints them')
    .option('--from <file>', 'known_hosts file instead of standard input');
  addSwitch(ssh, '--batch', 'read lines of a known_hosts file');
  addSwitch(ssh, '--upsert', 'replace keys that are there');
  ssh.action(async (flags: SshFlags, command: Command) => {
    if (flags.batch !== true) {
      throw new KeelsonError(
        'invalid-argument',
        '--batch is missing; pass host keys to it: ssh-keyscan HOST | keelson cert add-ssh --batch',
      );
    }
    const from = flags.from ?? '-';
    const { hosts, issues } = readKnownHosts(await readText(context, from), from === '-' ? 'line' : from);
    if (issues.length > 0) throw new KeelsonError('invalid-argument', formatIssues(issues));
    const items = hosts.map(({ serverName, keyType, key }) => ({
      serverName,
      certType: 'ssh' as const,
      certSubType: keyType,
      certData: encode(key),
    }));
    const upsert = flags.upsert === true;
    const created = await context.withClient(command, (client) =>
      client.sources.addCertificates(items, { upsert }),
    );
    context.print(`Successfully created ${created.length} SSH known host entries\n`);
  });
}

function addTls(cert: Command, context: CliContext): void {
  const tls = cert
    .command('add-tls')
    .description('trust a certificate or an authority for one host')
    .argument('<server>', 'name of the host, without port')
    .option('--from <file>', 'PEM file instead of standard input', '-');
  addSwitch(tls, '--upsert', 'replace the certificates that are there');
  tls.action(async (serverName: string, flags: { from: string; upsert?: boolean }, command: Command) => {
    const blocks = pemBlocks(await readText(context, flags.from), 'CERTIFICATE');
    if (blocks.length === 0) {
      throw new KeelsonError('invalid-argument', `${flags.from} holds no certificate; give it in PEM`);
    }
    const item = { serverName, certType: 'https' as const, certData: encode(blocks.join('\n')) };
    const upsert = flags.upsert === true;
    await context.withClient(command, (client) => client.sources.addCertificates([item], { upsert }));
    context.print(
      `Created entry with ${blocks.length} PEM certificates for repository server ${serverName}\n`,
    );
  });
}

type ListFlags = {
  readonly output: string;
  readonly sort?: string;
  readonly hostnamePattern?: string;
  readonly certType?: string;
};

function addList(cert: Command, context: CliContext): void {
  cert
    .command('list')
    .description('list host keys and certificates')
    .option('-o, --output <format>', 'wide, json or yaml', 'wide')
    .option('--hostname-pattern <glob>', 'only of hosts that match')
    .option('--cert-type <type>', 'only ssh or https')
    .action(async (flags: ListFlags, command: Command) => {
      const format = parseFormat(flags.output, ['wide', 'json', 'yaml']);
      const { hostnamePattern: hostNamePattern, certType } = flags;
      const all = await context.withClient(command, (client) =>
        client.sources.listCertificates({ hostNamePattern, certType }),
      );
      context.print(formatStructured(all, format) ?? formatCertificates(all));
    });
}

type RemoveFlags = { readonly certType?: string; readonly certSubType?: string };

function addRemove(cert: Command, context: CliContext): void {
  cert
    .command('rm')
    .description('forget the host keys and certificates of a host')
    .argument('<server>', 'name of the host, or a glob')
    .option('--cert-type <type>', 'only ssh or https')
    .option('--cert-sub-type <type>', 'only keys of this type')
    .action(async (hostNamePattern: string, flags: RemoveFlags, command: Command) => {
      const filter = { hostNamePattern, certType: flags.certType, certSubType: flags.certSubType };
      const removed = await context.withClient(command, (client) =>
        client.sources.removeCertificates(filter),
      );
      if (removed.length === 0)
        context.print('No certificates were removed (none matched the given pattern)\n');
      for (const { serverName, certType, certSubType } of removed) {
        context.print(
          `Removed cert for '${serverName}' of type '${certType}' (subtype '${certSubType ?? ''}')\n`,
        );
      }
    });
}
