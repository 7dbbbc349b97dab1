import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { Logger } from '../logger.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const payloadConverterPath = fileURLToPath(new URL('./payload-converter.ts', import.meta.url));
const failureConverterPath = fileURLToPath(new URL('./failure-converter.ts', import.meta.url));
/** What the bundle is made of; a change of any of it makes another bundle. */
const sources = ['workflows', 'core', 'platform/temporal'];

/**
 * Path of the workflow bundle in a cache directory, made there when the sources have none yet: bundling takes
 * seconds, and a worker that comes back after a crash should not spend them again.
 */
export async function workflowBundle(cacheDir: string, log: Logger): Promise<string> {
  const path = join(cacheDir, `workflows-${await sourceDigest()}.js`);
  if (existsSync(path)) return path;
  log.info({ path }, 'bundling workflows');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows/index.ts'),
    payloadConverterPath,
    failureConverterPath,
    logger: {
      log() {},
      trace() {},
      debug() {},
      info() {},
      warn: (message) => log.warn({ bundler: message }, 'workflow bundler warns'),
      error: (message) => log.error({ bundler: message }, 'workflow bundler failed'),
    },
  });
  await mkdir(cacheDir, { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, code);
  await rename(unfinished, path);
  return path;
}

async function sourceDigest(): Promise<string> {
  const hash = createHash('sha256');
  hash.update(await readFile(join(root, 'package.json')));
  for (const folder of sources) {
    const names = await readdir(join(root, folder), { recursive: true });
    for (const name of names.sort()) {
      if (!/\.[jt]s$/.test(name) || name.includes('.test.')) continue;
      hash.update(`${folder}/${name}\0`).update(await readFile(join(root, folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
