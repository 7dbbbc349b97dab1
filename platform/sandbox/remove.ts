import { rm } from 'node:fs/promises';
import { run } from '../exec.ts';

const removeSeconds = 60;

/**
 * Removes a folder that a program may have filled. Folders without rights and paths longer than the system takes stop
 * Node's own removal; the programs of the base system get through both.
 */
export async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch {
    const options = { cwd: '/', env: {}, timeoutSeconds: removeSeconds, maxOutputBytes: 1_000_000 };
    // It complains of each link that leads nowhere; whether it was enough shows in the removal.
    await run('/bin/chmod', ['-R', 'u+rwX', folder], options).catch(() => undefined);
    await run('/bin/rm', ['-rf', folder], options);
  }
}
