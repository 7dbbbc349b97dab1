import { execFile } from 'node:child_process';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { isProgram } from '../../platform/chosen-tool.ts';
import type { PinnedTool } from './tools-lock.ts';
import { isWithin } from './version.ts';

const run = promisify(execFile);

/** A large program's first start from a cold disk on a busy machine took 4 s; a hanging one must not stop the start. */
const versionTimeoutMs = 20_000;

/** The first program on PATH whose version fits. */
export async function findOnPath(
  name: string,
  tool: PinnedTool,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  for (const path of programsOnPath(name, env)) {
    const version = await versionOf(path, tool.versionArguments, tool.versionPattern);
    if (version !== undefined && isWithin(version, tool.accepts)) return path;
  }
  return undefined;
}

/** Every executable of this name on PATH, in order. */
export function programsOnPath(name: string, env: NodeJS.ProcessEnv): readonly string[] {
  const directories = (env['PATH'] ?? '').split(delimiter).filter((directory) => isAbsolute(directory));
  return directories.map((directory) => join(directory, name)).filter(isProgram);
}

/** Asks a program for its version; undefined when it doesn't answer in the expected form. */
export async function versionOf(
  path: string,
  versionArguments: readonly string[],
  pattern: string,
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(path, versionArguments, {
      timeout: versionTimeoutMs,
      maxBuffer: 1 << 20,
    });
    return new RegExp(pattern).exec(stdout + stderr)?.[1];
  } catch {
    return undefined; // a program that can't tell its version is treated as not being there
  }
}
