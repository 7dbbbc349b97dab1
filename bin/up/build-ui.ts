import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reporter } from '../../local/reporter.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = join(root, 'dist/ui');
const mark = join(built, '.sources');

/** Folder of the built user interface; built now when its sources have changed since. */
export async function builtUi(reporter: Reporter): Promise<string> {
  const sources = await digestOf(['ui', 'core']);
  if (existsSync(mark) && (await readFile(mark, 'utf8')) === sources) return built;
  reporter.say('building the web UI from ui/ (once per change, a few seconds)');
  const { build } = await import('vite');
  await build({ configFile: join(root, 'ui/vite.config.ts'), logLevel: 'warn' });
  await writeFile(mark, sources);
  return built;
}

async function digestOf(folders: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const names = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile() && !entry.name.includes('.test.'));
    for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort()) {
      hash.update(`${path}\0`).update(await readFile(path));
    }
  }
  return hash.digest('hex');
}
