import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isAlive } from './lock.ts';

/** In a container the next process often has the pid of the last one, so a pid alone doesn't tell them apart. */
const thisProcess = randomUUID();

/** Age from which what another host left in a shared cache is taken for abandoned: no render runs for a day. */
const abandonedMilliseconds = 24 * 60 * 60 * 1000;

const ownName = /^(.*)\.(\d+)\.([0-9a-f-]{36})\.[0-9a-f-]{36}$/;

/** A new file name that says which process it belongs to. */
export function nameOfOwn(): string {
  return `${hostname()}.${process.pid}.${thisProcess}.${randomUUID()}`;
}

/** Whether the process that made a file of such a name is gone; on another host only the file's age tells. */
export async function isAbandoned(path: string, name: string): Promise<boolean> {
  const [, host, pid, owner] = ownName.exec(name) ?? [];
  if (host === hostname() && Number(pid) === process.pid) return owner !== thisProcess;
  if (host === hostname()) return !isAlive(Number(pid));
  return await isOld(path);
}

/** Whether a file was last changed more than a day ago. */
export async function isOld(path: string): Promise<boolean> {
  return await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > abandonedMilliseconds,
    () => false,
  );
}
