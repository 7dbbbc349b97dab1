import type { Command } from 'commander';
import { KeelsonError } from '../../core/errors.ts';
import type { RepositoryFields } from '../../core/wire/requests/sources.ts';
import { addSwitch, type CliContext } from '../command.ts';
import { readNamedFile } from '../files/read-path.ts';
import { ask, canAsk, readInput } from '../terminal/prompt.ts';

/** Flags that say how a repository is read. */
export type CredentialFlags = {
  readonly type: string;
  readonly username?: string;
  readonly password?: string;
  readonly bearerToken?: string;
  readonly sshPrivateKeyPath?: string;
  readonly tlsClientCertPath?: string;
  readonly tlsClientCertKeyPath?: string;
  readonly githubAppId?: string;
  readonly githubAppInstallationId?: string;
  readonly githubAppPrivateKeyPath?: string;
  readonly githubAppEnterpriseBaseUrl?: string;
  readonly gcpServiceAccountKeyPath?: string;
  readonly proxy?: string;
  readonly noproxy?: string;
  readonly enableOci?: boolean;
  readonly insecureOciForceHttp?: boolean;
  readonly forceHttpBasicAuth?: boolean;
};

/** Adds the flags that repositories and templates share. */
export function addCredentialFlags(command: Command): void {
  command
    .option('--type <type>', 'git, helm or oci', 'git')
    .option('--username <name>', 'user name')
    .option('--password <text>', 'password or token; asked for when it is left out')
    .option('--bearer-token <token>', 'token sent as it is')
    .option('--ssh-private-key-path <file>', 'private key for SSH')
    .option('--tls-client-cert-path <file>', 'TLS client certificate, in PEM')
    .option('--tls-client-cert-key-path <file>', 'its private key, in PEM')
    .option('--github-app-id <id>', 'id of a GitHub App')
    .option('--github-app-installation-id <id>', 'id of its installation')
    .option('--github-app-private-key-path <file>', 'its private key')
    .option('--github-app-enterprise-base-url <url>', 'API of GitHub Enterprise, such as https://ghe/api/v3')
    .option('--gcp-service-account-key-path <file>', 'key of a Google service account, in JSON')
    .option('--proxy <url>', 'proxy to reach it through')
    .option('--noproxy <hosts>', 'hosts that are reached without the proxy; also written --no-proxy');
  addSwitch(command, '--enable-oci', 'a Helm repository in a registry');
  addSwitch(command, '--insecure-oci-force-http', 'speak to a registry without TLS');
  addSwitch(command, '--force-http-basic-auth', 'send credentials before the server asks for them');
}

/** The fields that the flags mean, with the contents of the files that they name. */
export async function credentialFields(
  context: CliContext,
  flags: CredentialFlags,
): Promise<RepositoryFields> {
  const file = (path: string | undefined) => (path === undefined ? undefined : readText(context, path));
  const sshPrivateKey = await file(flags.sshPrivateKeyPath);
  return {
    type: flags.type,
    username: flags.username,
    password: await passwordOf(context, flags),
    bearerToken: flags.bearerToken,
    sshPrivateKey,
    tlsClientCertData: await file(flags.tlsClientCertPath),
    tlsClientCertKey: await file(flags.tlsClientCertKeyPath),
    githubAppID: flags.githubAppId,
    githubAppInstallationID: flags.githubAppInstallationId,
    githubAppPrivateKey: await file(flags.githubAppPrivateKeyPath),
    githubAppEnterpriseBaseUrl: flags.githubAppEnterpriseBaseUrl,
    gcpServiceAccountKey: await file(flags.gcpServiceAccountKeyPath),
    proxy: flags.proxy,
    noProxy: flags.noproxy,
    enableOCI: flags.enableOci,
    insecureOCIForceHttp: flags.insecureOciForceHttp,
    forceHttpBasicAuth: flags.forceHttpBasicAuth,
  };
}

/** A user without a password is asked for it, so that it needn't stand in the shell's history. */
async function passwordOf(context: CliContext, flags: CredentialFlags): Promise<string | undefined> {
  const { username, password, sshPrivateKeyPath } = flags;
  if (password !== undefined || username === undefined || sshPrivateKeyPath !== undefined) return password;
  if (canAsk(context)) return ask(context, 'Password: ', { hidden: true });
  throw new KeelsonError(
    'invalid-argument',
    `--password of ${username} is missing; give it, or run in a terminal`,
  );
}

/** The text of a file, `-` for standard input. */
export async function readText(context: CliContext, path: string): Promise<string> {
  return path === '-' ? readInput(context) : readNamedFile(path);
}
