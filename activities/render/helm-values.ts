import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HelmSource } from '../../core/application/source-spec.ts';
import { locate } from './confine.ts';
import { substitute } from './environment.ts';
import { renderFailure } from './failure.ts';
import type { Rendering } from './request.ts';

/** The `--values` arguments: files in listed order, then the inline values, which win over them. */
export async function valuesArguments(rendering: Rendering, helm: HelmSource): Promise<string[]> {
  const args: string[] = [];
  for (const name of helm.valueFiles ?? []) {
    const path = await chartFile(rendering, name, 'value file', helm.ignoreMissingValueFiles === true);
    if (path !== undefined) args.push('--values', path);
  }
  const inline = inlineValues(helm);
  if (inline === undefined) return args;
  const path = join(rendering.scratch, 'inline-values.yaml');
  await writeFile(path, inline, { mode: 0o600 });
  return [...args, '--values', path];
}

/** The `--set`, `--set-string` and `--set-file` arguments; of parameters with the same name the last one counts. */
export async function parameterArguments(rendering: Rendering, helm: HelmSource): Promise<string[]> {
  const plain = new Map<string, string>();
  const texts = new Map<string, string>();
  for (const { name, value = '', forceString } of helm.parameters ?? []) {
    const target = forceString === true ? texts : plain;
    target.set(name, escapeCommas(substitute(value, rendering.variables)));
  }
  const files = new Map<string, string>();
  for (const { name, path } of helm.fileParameters ?? []) {
    const found = await chartFile(rendering, path, `file of parameter ${name}`, false);
    if (found !== undefined) files.set(name, escapeCommas(found));
  }
  return [...flags('--set', plain), ...flags('--set-string', texts), ...flags('--set-file', files)];
}

/** A comma separates assignments for Helm, except inside a list `{a,b}` and after a backslash. */
export function escapeCommas(value: string): string {
  if (value.startsWith('{') && value.endsWith('}')) return value;
  return value.replaceAll(/(?<!\\),/g, '\\,');
}

function flags(flag: string, values: ReadonlyMap<string, string>): string[] {
  return [...values].flatMap(([name, value]) => [flag, `${name}=${value}`]);
}

function inlineValues(helm: HelmSource): string | undefined {
  // JSON is YAML, and has one reading only: no text turns into a number on the way.
  if (helm.valuesObject !== undefined) return JSON.stringify(helm.valuesObject);
  return helm.values === undefined || helm.values === '' ? undefined : helm.values;
}

/** Finds a file relative to the chart, or to the repository when the name starts with a slash. */
async function chartFile(
  rendering: Rendering,
  name: string,
  role: string,
  mayMiss: boolean,
): Promise<string | undefined> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name)) {
    throw renderFailure(rendering, `${role} ${name}: addresses are not supported yet; commit the file`);
  }
  refuseReference(rendering, name, role);
  const written = substitute(name, rendering.variables);
  const from = written.startsWith('/') ? rendering.root : rendering.folder;
  const place = await locate(rendering.root, from, written);
  if (place.kind === 'found') return place.path;
  if (place.kind === 'outside') {
    throw renderFailure(rendering, `${role} ${name} leads out of the repository; use a path inside it`);
  }
  if (mayMiss) return undefined;
  throw renderFailure(
    rendering,
    `${role} ${name} does not exist; correct the path${role === 'value file' ? ' or set ignoreMissingValueFiles' : ''}`,
  );
}

/** `$values/file` names another source of the application unless it names a build variable. */
function refuseReference(rendering: Rendering, name: string, role: string): void {
  const match = /^\$(\w[\w-]*)\//.exec(name);
  if (match === null || Object.hasOwn(rendering.variables, match[1] ?? '')) return;
  throw renderFailure(
    rendering,
    `${role} ${name}: files of another source ($${match[1]}) are not supported yet; keep the file in this repository`,
  );
}
