import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KeelsonError } from '../../../core/errors.ts';
import { type GitSetting, runGit } from '../run/command.ts';
import { mirrorVariable, stopPrograms } from '../run/stop.ts';
import { exists } from './mirror-files.ts';

const interrupted = 'keelson-writing';

/** Creates the mirror, or repairs what a worker left that was killed while it wrote; for the holder of its lock. */
export async function prepare(
  setting: GitSetting,
  dir: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!(await exists(join(dir, 'HEAD')))) {
    const draft = `${dir}.${randomUUID()}`;
    const made = await runGit(setting, { args: ['init', '--bare', '--initial-branch=none', draft], signal });
    if (made.exitCode !== 0) throw new KeelsonError('internal', `git mirror: cannot be made: ${made.stderr}`);
    await rm(dir, { recursive: true, force: true });
    await rename(draft, dir);
    return;
  }
  if (!(await exists(join(dir, interrupted)))) return;
  // We hold the mirror's lock, so what still writes is a leftover too, and these files belong to nobody.
  await stopPrograms(mirrorVariable, dir);
  for (const entry of await readdir(dir, { recursive: true })) {
    if (entry.endsWith('.lock') || entry.includes('/tmp_')) await rm(join(dir, entry), { force: true });
  }
}

/** Leaves a mark while the mirror is written to, so that a crash is noticed by the next writer. */
export async function recorded(dir: string, write: () => Promise<void>): Promise<void> {
  await writeFile(join(dir, interrupted), '');
  await write();
  await rm(join(dir, interrupted), { force: true });
}
