import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { readDocument } from '../../core/yaml/read.ts';
import { UnreadableError } from '../../core/yaml/unreadable.ts';
import { readNamedFile, unreadablePath } from '../files/read-path.ts';
import { readObjectFile } from './override-file.ts';

/** One case: an object, and what is expected of it in the words of the command. */
type OverrideCase = { readonly object: Manifest; readonly expected: unknown };

const objectFile = 'object.yaml';
const expectedFile = 'expected.yaml';

/** The folders of all cases below a folder, in the order of their paths: those with `object.yaml`. */
export async function findOverrideCases(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw unreadablePath(`folder ${dir}`, 'folder', cause);
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

/** The case in a folder; both files are read alike, so that a value written alike in both is equal. */
export async function readOverrideCase(folder: string): Promise<OverrideCase> {
  const path = join(folder, expectedFile);
  const text = await readNamedFile(path);
  const object = await readObjectFile(join(folder, objectFile));
  return { object, expected: readExpected(text, path) };
}

function readExpected(text: string, path: string): unknown {
  try {
    return readDocument(text, 'own');
  } catch (cause) {
    if (!(cause instanceof UnreadableError)) throw cause;
    throw new KeelsonError('manifest-invalid', `${path}:${cause.line}: ${cause.message}`, { cause });
  }
}
