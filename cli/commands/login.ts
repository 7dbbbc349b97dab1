import { connect as connectTls } from 'node:tls';
import type { Command } from 'commander';
import { KeelsonError } from '../../core/errors.ts';
import { type CliContext, globalFlagsOf } from '../command.ts';
import { certificateWords, connectionError, isPlaintextAnswer, noTlsAnswer } from '../server/api-error.ts';
import { createApiClient } from '../server/client.ts';
import { configPath, readConfig, withLogin, writeConfig } from '../server/config-file.ts';
import { type GlobalFlags, parseServer, transportOptions, urlOf } from '../server/connection.ts';
import { agree, askOrRefuse, canAsk, confirm } from '../terminal/prompt.ts';
import { plainText } from '../terminal/text.ts';

type LoginFlags = GlobalFlags & {
  readonly username?: string;
  readonly password?: string;
  readonly name?: string;
  readonly skipTestTls?: boolean;
};

/** Adds `keelson login`. */
export function addLogin(program: Command, context: CliContext): void {
  program
    .command('login')
    .description('log in to a server and make it the current one')
    .argument('<server>', 'HOST:PORT, or a URL')
    .option('--username <name>', 'account')
    .option('--password <password>', 'password; asked for on a terminal when left out')
    .option('--name <context>', 'name of the context instead of the server address')
    .option('--skip-test-tls', 'do not try first whether the server speaks TLS')
    .action(async (server: string, _flags: unknown, command: Command) => {
      await login(context, server, { ...globalFlagsOf(command), ...command.opts<LoginFlags>() });
    });
}

async function login(context: CliContext, given: string, flags: LoginFlags): Promise<void> {
  const path = configPath(context.env, flags.config);
  const config = await readConfig(path);
  const { address, plaintext: byScheme } = parseServer(given);
  const transport = await transportOptions(flags);
  const tls = await chooseTls(context, address, {
    plaintext: flags.plaintext ?? byScheme ?? false,
    insecure: flags.insecure ?? false,
    test: flags.skipTestTls !== true,
    certificateAuthority: transport.certificateAuthority,
  });
  const username = flags.username ?? (await askOrRefuse(context, 'Username: ', '--username', {}));
  const password =
    flags.password ?? (await askOrRefuse(context, 'Password: ', '--password', { hidden: true }));
  const client = createApiClient({
    server: urlOf(address, tls.plaintext),
    insecure: tls.insecure,
    ...transport,
    signal: context.signal,
  });
  try {
    const token = await client.account.login(username, password);
    const name = flags.name ?? address;
    await writeConfig(path, withLogin(config, { name, server: address, ...tls, token }));
    context.print(`'${plainText(username)}' logged in successfully\nContext '${plainText(name)}' updated\n`);
  } finally {
    await client.close();
  }
}

type Tls = { readonly plaintext: boolean; readonly insecure: boolean };
type TlsWish = Tls & { readonly test: boolean; readonly certificateAuthority?: string | undefined };

/** Tries TLS before a password is sent anywhere; whoever sits at the terminal may accept less. */
async function chooseTls(context: CliContext, address: string, wish: TlsWish): Promise<Tls> {
  const { plaintext, insecure } = wish;
  if (plaintext || insecure || !wish.test) return { plaintext, insecure };
  const cause = await tlsProblem(address, wish.certificateAuthority, context.signal);
  if (cause === undefined) return { plaintext, insecure };
  if (isPlaintextAnswer(cause)) {
    const question = `WARNING: server ${address} does not speak TLS. Send the password in the clear?`;
    if (await confirm(context, question, 'pass --plaintext if that is meant')) {
      return { plaintext: true, insecure };
    }
    throw new KeelsonError('unavailable', `login at ${address} given up: the server does not speak TLS`);
  }
  const server = `https://${address}`;
  const [what] = certificateWords(server, cause) ?? [];
  if (what !== undefined && canAsk(context)) {
    const question = `WARNING: the certificate of server ${address} ${what}. Accept any certificate there?`;
    if (await agree(context, question)) return { plaintext, insecure: true };
  }
  throw connectionError(server, cause);
}

const handshakeMilliseconds = 10_000;

/** What stands in the way of TLS with a verified certificate; undefined if nothing does. */
async function tlsProblem(
  address: string,
  ca: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Error | undefined> {
  const { hostname, port } = new URL(`https://${address}`);
  const host = hostname.replace(/^\[|\]$/g, '');
  signal?.throwIfAborted();
  return await new Promise((resolve) => {
    const isName = /[a-z]/i.test(host) && !host.includes(':');
    const socket = connectTls({
      host,
      port: port === '' ? 443 : Number(port),
      timeout: handshakeMilliseconds,
      ...(isName ? { servername: host } : {}),
      ...(ca === undefined ? {} : { ca }),
    });
    const end = (problem: Error | undefined): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.once('secureConnect', () => end(undefined));
    socket.once('error', end);
    socket.once('timeout', () => end(Object.assign(new Error('no TLS answer'), { code: noTlsAnswer })));
  });
}
