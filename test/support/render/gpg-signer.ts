import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Somebody with a GnuPG key who signs commits and tags of a bare repository. */
export type GpgSigner = {
  readonly keyId: string;
  readonly publicKey: string;
  /** Signs a commit on top of `main` that changes nothing; returns its SHA. */
  commit(dir: string, message: string): Promise<string>;
  tag(dir: string, name: string): Promise<void>;
  stop(): Promise<void>;
};

/** Makes a key; `expire` as GnuPG writes it, such as `seconds=1`. */
export async function createGpgSigner(name: string, expire = 'never'): Promise<GpgSigner> {
  const home = await mkdtemp(join(tmpdir(), 'keelson-gpg-'));
  const person = { name, email: `${name}@example.com` };
  const run = (program: string, args: readonly string[]): Promise<string> =>
    output(program, args, {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: home,
      GNUPGHOME: home,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: person.name,
      GIT_AUTHOR_EMAIL: person.email,
      GIT_COMMITTER_NAME: person.name,
      GIT_COMMITTER_EMAIL: person.email,
    });
  const batch = ['--batch', '--quiet', '--passphrase', '', '--pinentry-mode', 'loopback'];
  await run('gpg', [...batch, '--quick-generate-key', person.email, 'ed25519', 'sign', expire]);
  const listed = await run('gpg', ['--batch', '--with-colons', '--list-keys']);
  const keyId = /^pub:(?:[^:]*:){3}([0-9A-F]{16}):/m.exec(listed)?.[1] ?? '';
  const git = (dir: string, ...args: readonly string[]): Promise<string> => run('git', ['-C', dir, ...args]);
  return {
    keyId,
    publicKey: await run('gpg', ['--batch', '--armor', '--export', keyId]),
    commit: async (dir, message) => {
      const tree = await git(dir, 'rev-parse', 'refs/heads/main^{tree}');
      const args = ['commit-tree', tree, '-p', 'refs/heads/main', '-m', message, `-S${keyId}`];
      const sha = await git(dir, ...args);
      await git(dir, 'update-ref', 'refs/heads/main', sha);
      return sha;
    },
    tag: async (dir, tagName) => {
      await git(dir, 'tag', '--local-user', keyId, '--message', tagName, tagName, 'refs/heads/main');
    },
    stop: async () => {
      await run('gpgconf', ['--kill', 'all']);
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function output(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn(program, args, { env });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (part: Buffer) => (stdout += part.toString()));
    child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) return resolve(stdout.trim());
      return reject(new Error(`${program} ${args.join(' ')}: ${stderr}`));
    });
  });
}
