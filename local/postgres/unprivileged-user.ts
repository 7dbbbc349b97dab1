import { execFileSync } from 'node:child_process';
import { KeelsonError } from '../../core/errors.ts';

/** The user that stands in for root where a program refuses to run as root. */
export type UnprivilegedUser = { readonly uid: number; readonly gid: number };

/**
 * Undefined when we aren't root. PostgreSQL looks its own user up by number, so it must be one that the machine knows;
 * `nobody` exists everywhere.
 */
export function unprivilegedUser(): UnprivilegedUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function idOf(flag: '-u' | '-g'): number {
  const id = Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }).trim());
  if (Number.isInteger(id) && id > 0) return id;
  throw new KeelsonError(
    'unavailable',
    'user nobody does not exist, so PostgreSQL, which refuses root, cannot run; start keelson as another user',
  );
}
