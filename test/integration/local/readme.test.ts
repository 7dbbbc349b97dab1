import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testPlatform } from '../../support/keelson/platform.ts';
import { startUp, type Up } from '../../support/keelson/up.ts';
import { ownEnvironment } from '../../support/process/own-environment.ts';

const root = join(import.meta.dirname, '../../..');
let stateDir: string;
let up: Up;

beforeAll(async () => {
  stateDir = mkdtempSync(join(testPlatform().stateDir, 'readme-'));
  // With the sample, whose names the examples must not share.
  up = await startUp(stateDir, [], { until: 'is Synced and Healthy' });
});
afterAll(async () => {
  await up?.interrupt();
  rmSync(stateDir, { recursive: true, force: true });
});

/**
 * Runs the commands of a file's shell blocks that come after the start, word for word but for addresses and folders of
 * this test, and answers with what they print.
 */
async function follow(file: string): Promise<string> {
  const { url, adminPassword = '' } = up.ready();
  const blocks = readFileSync(join(root, file), 'utf8').match(/(?<=^```\n)[^`]*(?=\n```$)/gm) ?? [];
  const commands = blocks.filter((block) => /npx keelson app (create|wait)/.test(block)).join('\n');
  const script = commands
    .replaceAll('npx keelson', `'${process.execPath}' bin/keelson.js`)
    .replace(
      '127.0.0.1:8080 --plaintext --username admin',
      `${new URL(url).host} --plaintext --username admin --password '${adminPassword}'`,
    )
    .replaceAll('$PWD/.keelson', stateDir)
    .replaceAll('.keelson/', `${stateDir}/`)
    .replaceAll('/tmp/examples', join(stateDir, 'examples'));
  const names = { GIT_AUTHOR_NAME: 'test', GIT_AUTHOR_EMAIL: 'test@example.invalid' };
  const committer = { GIT_COMMITTER_NAME: 'test', GIT_COMMITTER_EMAIL: 'test@example.invalid' };
  const env = { ...ownEnvironment(), ...names, ...committer, KEELSON_CONFIG: join(stateDir, 'cli') };
  const { stdout } = await promisify(execFile)('sh', ['-ec', script], { cwd: root, env });
  return stdout;
}

describe('the commands of a new user', () => {
  it.each(['README.md', 'examples/README.md'])('work as %s gives them', async (file) => {
    expect(await follow(file)).toMatch(/Synced[\s\S]*Healthy/);
  });
});
