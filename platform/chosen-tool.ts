import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { KeelsonError } from '../core/errors.ts';
import { ownField } from '../core/own-field.ts';

/** The environment variable that names a tool's program: `KEELSON_TOOL_KUBE_APISERVER` for `kube-apiserver`. */
export function toolVariable(name: string): string {
  return `KEELSON_TOOL_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** The program a user chose by environment variable; its version is the user's own business, its existence isn't. */
export function chosenTool(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const variable = toolVariable(name);
  const path = ownField(env, variable);
  if (path === undefined || path === '') return undefined;
  if (isAbsolute(path) && isProgram(path)) return path;
  throw new KeelsonError(
    'tool-missing',
    `${variable} must be the absolute path of an executable file, but is ${path}; correct or unset it`,
  );
}

/** The programs of all these names where every one was chosen, as an image does for those that it brings. */
export function chosenTools<Name extends string>(
  names: readonly Name[],
  env: NodeJS.ProcessEnv,
): Readonly<Record<Name, string>> | undefined {
  const chosen = names.flatMap((name) => {
    const path = chosenTool(name, env);
    return path === undefined ? [] : [[name, path] as const];
  });
  if (chosen.length < names.length) return undefined;
  return Object.fromEntries(chosen) as Record<Name, string>;
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
