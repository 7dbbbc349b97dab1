import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { KeelsonError } from '../../core/errors.ts';
import type { Environment } from '../server/config-file.ts';

/** Where a program that people work in is run, and how it ends early. */
type Terminal = { readonly env: Environment; readonly signal?: AbortSignal | undefined };

/** Has somebody edit a file in the editor that the environment names; throws where it ends badly. */
export async function runEditor({ env, signal }: Terminal, file: string): Promise<void> {
  const editor = env['KUBE_EDITOR'] || env['EDITOR'] || 'vi';
  // As a shell reads it, for an editor may be named with flags; the file is a word of its own.
  const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], {
    stdio: 'inherit',
    env: { ...env },
    ...(signal === undefined ? {} : { signal }),
  });
  const [status] = await once(child, 'exit');
  if (status === 0) return;
  throw new KeelsonError(
    'precondition-failed',
    `editor ${editor} ended with status ${String(status)}; set EDITOR to one that works here`,
  );
}
