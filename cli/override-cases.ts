import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parse } from 'yaml';
import { KeelsonError } from '../core/errors.ts';
import type { Manifest } from '../core/object/manifest.ts';
import { readObjectFile, readText } from './override-file.ts';

/** One case: an object, and what is expected of it in the words of the command. */
type OverrideCase = { readonly object: Manifest; readonly expected: unknown };

const objectFile = 'object.yaml';
const expectedFile = 'expected.yaml';

/** The folders of all cases below a folder, in the order of their paths: those with `object.yaml`. */
export async function findOverrideCases(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new KeelsonError('invalid-argument', `${dir} can't be read; check the path`, { cause });
  });
  const folders = entries
    .filter((entry) => entry.isFile() && entry.name === objectFile)
    .map((one) => one.parentPath);
  if (folders.length === 0) {
    throw new KeelsonError(
      'invalid-argument',
      `${dir} holds no cases; make a folder with ${objectFile} and ${expectedFile} for each`,
    );
  }
  return folders.map((folder) => relative(dir, folder)).toSorted();
}

/** The case in a folder. */
export async function readOverrideCase(folder: string): Promise<OverrideCase> {
  const path = join(folder, expectedFile);
  const text = await readText(path);
  const object = await readObjectFile(join(folder, objectFile));
  try {
    return { object, expected: parse(text) };
  } catch (cause) {
    throw new KeelsonError('manifest-invalid', `${path} is not YAML: ${String(cause)}`, { cause });
  }
}
