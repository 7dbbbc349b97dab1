import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { KeelsonError } from '../../core/errors.ts';
import type { PinnedTool } from './tools-lock.ts';
import { isWithin } from './version.ts';

const run = promisify(execFile);

/** A large program's first start from a cold disk on a busy machine took 4 s; a hanging one must not stop the start. */
const versionTimeoutMs = 20_000;

/** The environment variable that names a tool's program: `KEELSON_TOOL_KUBE_APISERVER` for `kube-apiserver`. */
export function toolVariable(name: string): string {
  return `KEELSON_TOOL_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** The program a user chose by environment variable; its version is the user's own business, its existence isn't. */
export function chosenTool(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const variable = toolVariable(name);
  const path = env[variable];
  if (path === undefined || path === '') return undefined;
  if (isAbsolute(path) && isProgram(path)) return path;
  throw new KeelsonError(
    'tool-missing',
    `${variable} must be the absolute path of an executable file, but is ${path}; correct or unset it`,
  );
}

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

/** Whether the path is a file that may be executed. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // absent or not ours to execute
  }
}
