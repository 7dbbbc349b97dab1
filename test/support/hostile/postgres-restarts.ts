import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createApiClient } from '../../../cli/server/client.ts';
import { pollUntil } from '../../../local/poll.ts';
import { applicationOf, configMap, yamlOf } from '../keelson/applications.ts';
import { testPlatform } from '../keelson/platform.ts';
import { startUp } from '../keelson/up.ts';
import { startWriteLoad } from '../keelson/write-load.ts';
import { startGitServer } from '../servers/git-server.ts';

const roles = ['server', 'worker', 'session', 'temporal'];
const signals = ['SIGINT', 'SIGKILL'] as const;
const synced = ['restart-a', 'restart-b', 'restart-c'];
/** Writes between two ends of PostgreSQL: enough that transactions of every role are open at the next. */
const writesBetween = 40;

/**
 * Ends PostgreSQL so many times, by a shutdown and by force in turn, while clients write. Every role has to live on, and
 * what clients were told has to be there. Answers with the seconds that the ends took.
 */
export async function endPostgresUnderLoad(times: number): Promise<number> {
  const stateDir = mkdtempSync(join(testPlatform().stateDir, 'restarts-'));
  const gitServer = await startGitServer();
  const up = await startUp(stateDir, ['--no-demo']);
  try {
    const { url, adminPassword = '' } = up.ready();
    const token = await createApiClient({ server: url }).account.login('admin', adminPassword);
    const client = createApiClient({ server: url, token });
    for (const name of synced) {
      const files = { 'a.yaml': yamlOf(configMap('a', { a: '1' })) };
      const { url: repoURL } = await gitServer.createRepository(name, files);
      const application = applicationOf({ name, repoURL, namespace: name });
      await client.applications.create(application, { upsert: false, validate: true });
    }
    await client.close();
    const pidsOfRoles = () => roles.map((role) => up.ready().pids[role]);
    const before = pidsOfRoles();
    const load = startWriteLoad({ url, token, writers: 8, synced });
    const startedAt = performance.now();
    for (let time = 0; time < times; time++) {
      const answered = load.answers();
      await pollUntil('clients to write', 60, () => load.answers() > answered + writesBetween, 20);
      const failed = load.failures();
      const postgres = up.ready().pids['postgres'] ?? 0;
      process.kill(postgres, signals[time % signals.length]);
      await pollUntil(
        'PostgreSQL to be there again',
        60,
        () => {
          const now = up.ready().pids['postgres'];
          return now !== undefined && now !== postgres;
        },
        20,
      );
      expect(load.failures()).toBeGreaterThan(failed);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    expect(pidsOfRoles(), lastWordsOf(stateDir)).toEqual(before);
    expect(await load.stop()).toEqual([]);
    expect(pidsOfRoles(), lastWordsOf(stateDir)).toEqual(before);
    return seconds;
  } finally {
    await up.interrupt();
    await gitServer.stop();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** For a failure: the end of what each role said. */
function lastWordsOf(stateDir: string): string {
  return ['server', 'worker', 'session']
    .map((role) => readFileSync(join(stateDir, 'roles', `${role}.log`), 'utf8').slice(-2000))
    .join('\n');
}
