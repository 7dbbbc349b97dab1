import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { toolPath } from '../../../local/obtain/tools.ts';

/** A real OpenSSH server on loopback with a configuration, host key and authorized key of its own. */
export type SshServer = {
  /** The address of a directory on this machine. */
  url(dir: string): string;
  /** The same in the form `user@host:path`; SSH itself would use port 22. */
  readonly port: number;
  /** The key that is let in, as OpenSSH and as PEM text. */
  readonly privateKey: string;
  readonly privateKeyPem: string;
  /** A key that is not. */
  readonly otherKey: string;
  /** The server's line of a known_hosts file. */
  readonly knownHosts: string;
  /** A line for the same host with a key it doesn't have. */
  readonly wrongKnownHosts: string;
  /** How many connections were let in. */
  logins(): number;
  stop(): Promise<void>;
};

/** Starts the server for the user who runs the tests; programs are shell scripts that sessions find by these names. */
export async function startSshServer(programs: Readonly<Record<string, string>> = {}): Promise<SshServer> {
  const sshd = await toolPath('sshd');
  const dir = await mkdtemp(join(tmpdir(), 'keelson-sshd-'));
  const [host, admitted, other] = [await key(dir, 'host'), await key(dir, 'user'), await key(dir, 'other')];
  const pem = await key(dir, 'pem', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']);
  await writeFile(join(dir, 'authorized_keys'), admitted.public + pem.public, { mode: 0o600 });
  const port = await freePort();
  const config = join(dir, 'sshd_config');
  await mkdir(join(dir, 'bin'));
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(dir, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  await writeFile(
    config,
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(dir, 'host')}`,
      `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
      'PidFile none',
      'StrictModes no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      'MaxStartups 100',
      `SetEnv PATH=${join(dir, 'bin')}:/usr/local/bin:/usr/bin:/bin`,
      '',
    ].join('\n'),
  );
  // Where root's server locks its children into; the service's own start makes it elsewhere.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const server = spawn(sshd, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.on('data', (part: Buffer) => (log += part.toString()));
  await listening(server, () => log);
  const { username } = userInfo();
  const line = (publicKey: string): string => `[127.0.0.1]:${port} ${publicKey}`;
  return {
    url: (path) => `ssh://${username}@127.0.0.1:${port}${path}`,
    port,
    privateKey: admitted.private,
    privateKeyPem: pem.private,
    otherKey: other.private,
    knownHosts: line(host.public),
    wrongKnownHosts: line(other.public),
    logins: () => log.split('Accepted publickey').length - 1,
    stop: async () => {
      const ended = new Promise((resolve) => server.once('close', resolve));
      server.kill('SIGTERM');
      await ended;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function key(
  dir: string,
  name: string,
  options: readonly string[] = ['-t', 'ed25519'],
): Promise<{ private: string; public: string }> {
  const path = join(dir, name);
  const made = spawnSync('ssh-keygen', ['-q', ...options, '-N', '', '-C', name, '-f', path]);
  if (made.status !== 0) throw new Error(`ssh-keygen: ${made.stderr?.toString() ?? 'not found'}`);
  return { private: await readFile(path, 'utf8'), public: await readFile(`${path}.pub`, 'utf8') };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

async function listening(server: ChildProcess, log: () => string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!log().includes('Server listening')) {
    if (server.exitCode !== null || Date.now() > deadline) throw new Error(`sshd does not start: ${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
