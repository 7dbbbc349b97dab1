import { randomUUID } from 'node:crypto';
import { access, rename, rm } from 'node:fs/promises';

/** Removes a mirror so that nobody sees half of it. */
export async function removeMirror(dir: string): Promise<void> {
  const removed = `${dir}.${randomUUID()}`;
  await rename(dir, removed).catch(() => {
    // Already gone, which is what was wanted.
  });
  await rm(removed, { recursive: true, force: true });
}

/** Whether something is there under a path. */
export async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
