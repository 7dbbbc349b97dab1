import { readdir, readFile } from 'node:fs/promises';
import { KeelsonError } from '../../core/errors.ts';
import { ownField } from '../../core/own-field.ts';

/** Reads a text file that somebody named; `subject` names it in messages, such as `certificate file a.pem`. */
export async function readNamedFile(path: string, subject = `file ${path}`): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw unreadablePath(subject, 'file', cause);
  }
}

/** The names in a folder that somebody named, in order. */
export async function readNamedFolder(path: string, subject: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (cause) {
    throw unreadablePath(subject, 'folder', cause);
  }
}

/** The error for a path that can't be read as what was wanted there. */
export function unreadablePath(subject: string, wanted: 'file' | 'folder', cause: unknown): KeelsonError {
  const code = systemCode(cause);
  const words =
    (wanted === 'folder' && code === 'ENOTDIR'
      ? 'is not a folder; give a folder'
      : ownField(reasons, code)) ?? `cannot be read (${code || 'for an unknown reason'}); check the path`;
  return new KeelsonError('invalid-argument', `${subject} ${words}`, { cause });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'may not be read by this user; give this user the right to read it',
  EISDIR: 'is a folder; give a file',
  ENOENT: 'does not exist; check the path',
  ENOTDIR: 'does not exist; check the path',
  EPERM: 'may not be read by this user; give this user the right to read it',
};

/** The system's word for a failure, such as ENOENT; empty without one. */
export function systemCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}
