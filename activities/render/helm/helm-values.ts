import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HelmSource } from '../../../core/application/source/source-spec.ts';
import { formatYamlJson } from '../../../core/object/json/json.ts';
import { substitute } from '../environment.ts';
import { namedFile, valueFiles } from '../files/value-files.ts';
import type { Rendering } from '../request.ts';

/** The `--values` arguments: files in listed order, then the inline values, which win over them. */
export async function valuesArguments(rendering: Rendering, helm: HelmSource): Promise<string[]> {
  const mayMiss = helm.ignoreMissingValueFiles === true;
  const files = await valueFiles(rendering, helm.valueFiles ?? [], { mayMiss });
  const args = files.flatMap((path) => ['--values', path]);
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
    const found = await namedFile(rendering, path, `file of parameter ${name}`);
    files.set(name, escapeCommas(found));
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
  if (helm.valuesObject !== undefined) return formatYamlJson(helm.valuesObject);
  return helm.values === undefined || helm.values === '' ? undefined : helm.values;
}
