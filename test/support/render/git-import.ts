import { spawn } from 'node:child_process';

/** What a path becomes: text, bytes, a symlink, an executable, a submodule at a commit, or nothing. */
export type FileContent =
  | string
  | Uint8Array
  | { symlink: string }
  | { executable: string }
  | { submodule: string }
  | null;

/** Files by their path in the repository. */
export type Files = Readonly<Record<string, FileContent>>;

export type Author = { readonly name: string; readonly email: string };

const tester: Author = { name: 'Test Author', email: 'author@example.com' };

/** 2024-01-01T00:00:00Z; each further commit of this run is one minute later. */
let clock = 1_704_067_200;

const environment = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: tester.name,
  GIT_AUTHOR_EMAIL: tester.email,
  GIT_COMMITTER_NAME: tester.name,
  GIT_COMMITTER_EMAIL: tester.email,
};

/** Runs plain Git for a test fixture and returns its trimmed output. */
export async function runGit(cwd: string, args: readonly string[], input?: Buffer): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd, env: environment });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) return resolve(Buffer.concat(stdout).toString('utf8').trim());
      return reject(new Error(`git ${args.join(' ')}: ${Buffer.concat(stderr).toString('utf8')}`));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Adds one commit to a branch of a bare repository in a single `git fast-import` run. */
export async function importCommit(
  dir: string,
  files: Files,
  message: string,
  branch: string,
  author: Author = tester,
): Promise<string> {
  const parent = await runGit(dir, ['rev-parse', '--quiet', '--verify', `refs/heads/${branch}`]).catch(
    () => '',
  );
  clock += 60;
  const parts: Buffer[] = [];
  const line = (text: string) => parts.push(Buffer.from(`${text}\n`));
  const block = (content: Uint8Array) => {
    line(`data ${content.length}`);
    parts.push(Buffer.from(content), Buffer.from('\n'));
  };
  line(`commit refs/heads/${branch}`);
  line('mark :1');
  line(`author ${author.name} <${author.email}> ${clock} +0000`);
  line(`committer ${author.name} <${author.email}> ${clock} +0000`);
  block(Buffer.from(message));
  if (parent !== '') line(`from ${parent}`);
  for (const [path, content] of Object.entries(files)) {
    const quoted = `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
    if (content === null) {
      line(`D ${quoted}`);
      continue;
    }
    if (typeof content === 'object' && 'submodule' in content) {
      line(`M 160000 ${content.submodule} ${quoted}`);
      continue;
    }
    line(`M ${modeOf(content)} inline ${quoted}`);
    block(bytesOf(content));
  }
  line('get-mark :1');
  return await runGit(dir, ['fast-import', '--quiet', '--force'], Buffer.concat(parts));
}

type Stored = Exclude<FileContent, { submodule: string } | null>;

function modeOf(content: Stored): string {
  if (typeof content === 'string' || content instanceof Uint8Array) return '100644';
  return 'symlink' in content ? '120000' : '100755';
}

function bytesOf(content: Stored): Uint8Array {
  if (content instanceof Uint8Array) return content;
  if (typeof content === 'string') return Buffer.from(content);
  return Buffer.from('symlink' in content ? content.symlink : content.executable);
}
