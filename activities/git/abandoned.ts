import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './lock.ts';

/** Age from which what another host left in a shared cache is taken for abandoned: no render runs for a day. */
const abandonedMilliseconds = 24 * 60 * 60 * 1000;

/** Removes what workers left that are gone: their checkouts, and mirrors that were half made or thrown away. */
export async function removeAbandoned(cacheDir: string): Promise<void> {
  const checkouts = join(cacheDir, 'checkouts');
  for (const name of await list(checkouts)) {
    const [host, pid] = splitOwner(name);
    const gone = host === hostname() ? !isAlive(pid) : await isOld(join(checkouts, name));
    if (gone) await rm(join(checkouts, name), { recursive: true, force: true });
  }
  const mirrors = join(cacheDir, 'mirrors');
  for (const name of await list(mirrors)) {
    const isDraft = /\.git\.[0-9a-f-]{36}$/.test(name);
    if (isDraft && (await isOld(join(mirrors, name))))
      await rm(join(mirrors, name), { recursive: true, force: true });
  }
}

function splitOwner(name: string): [host: string, pid: number] {
  const match = /^(.*)\.(\d+)\.[0-9a-f-]{36}$/.exec(name);
  return [match?.[1] ?? '', Number(match?.[2] ?? 0)];
}

async function isOld(path: string): Promise<boolean> {
  return await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > abandonedMilliseconds,
    () => false,
  );
}

async function list(path: string): Promise<string[]> {
  // A cache that is not there yet has nothing to clean.
  return await readdir(path).catch(() => []);
}
