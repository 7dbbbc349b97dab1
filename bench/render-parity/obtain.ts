import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { KeelsonError } from '../../core/errors.ts';

const run = promisify(execFile);
const Downloaded = z.object({
  Dir: z.string().optional(),
  Zip: z.string().optional(),
  Error: z.string().optional(),
});

/** A version of a public Go module, whose archive holds charts and kustomizations beside its code. */
export type PublicModule = {
  readonly name: string;
  readonly version: string;
  /** Of all its files, as go.sum has it. */
  readonly digest: string;
};

/**
 * The folder with a module's files: `<modules>/<name>@<version>`, as a Go module cache lays them out, or fetched into the
 * user's own module cache. Either way its digest is computed from the files and compared.
 */
export async function obtain(module: PublicModule, from: string | undefined): Promise<string> {
  const title = `${module.name}@${module.version}`;
  const folder = from === undefined ? await download(title) : join(from, title);
  if (!existsSync(folder)) {
    throw new KeelsonError(
      'not-found',
      `module ${title} is not at ${folder}; put its files there, or leave out --from`,
    );
  }
  const digest = await digestOf(folder, title);
  if (digest === module.digest) return folder;
  throw new KeelsonError(
    'invalid-argument',
    `module ${title} has digest ${digest}, expected ${module.digest}; remove ${folder} and obtain it again`,
  );
}

/** Settings of the user's Go (proxy, cache, checks) apply; no other Go is fetched for a module that asks for one. */
const goCommand = ['GOTOOLCHAIN=local', 'GOFLAGS=-mod=mod', 'go'];

async function download(title: string): Promise<string> {
  const ended = run('env', [...goCommand, 'mod', 'download', '-json', title], { cwd: tmpdir() });
  const output = await ended.catch((cause: unknown) => {
    if (cause instanceof Error && 'stdout' in cause && cause.stdout) return { stdout: String(cause.stdout) };
    throw new KeelsonError(
      'tool-missing',
      `module ${title} can't be obtained; install Go, or give a folder with --from`,
      { cause },
    );
  });
  const { Dir, Zip, Error: problem } = Downloaded.parse(JSON.parse(output.stdout));
  if (Dir !== undefined) return Dir;
  if (Zip === undefined) {
    throw new KeelsonError('unavailable', `module ${title} can't be obtained (${problem}); use --modules`);
  }
  // Go has unpacked it and only then found that building it takes a newer Go; here nothing is built.
  const { stdout } = await run('env', [...goCommand, 'env', 'GOMODCACHE'], { cwd: tmpdir() });
  return join(stdout.trim(), title);
}

/** The `h1:` digest of a module: SHA-256 of the sorted list of its files with the SHA-256 of each. */
async function digestOf(folder: string, title: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  const list = createHash('sha256');
  for (const path of paths) {
    const file = createHash('sha256').update(await readFile(join(folder, path)));
    list.update(`${file.digest('hex')}  ${title}/${path}\n`);
  }
  return `h1:${list.digest('base64')}`;
}
