import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitingFile } from '../../../bin/compose/readiness.ts';
import { pollUntil } from '../../../local/poll.ts';
import { freePort } from '../../../local/ports.ts';
import { startChild } from '../../../local/process/child.ts';
import { isAlive } from '../../../local/process/pid.ts';
import { generateKey } from '../../../platform/encryption.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { startUp } from '../../support/keelson/up.ts';
import { writeHangingGo } from '../../support/process/hanging-go.ts';
import { ownEnvironment } from '../../support/process/own-environment.ts';
import {
  type HeldDownloads,
  startHeldDownloads,
  toolsEnvironment,
} from '../../support/servers/held-downloads.ts';

const platform = testPlatform();
let folder: string;
let downloads: HeldDownloads;

beforeAll(async () => {
  folder = mkdtempSync(join(platform.stateDir, 'first-start-'));
  downloads = await startHeldDownloads(folder);
});
afterAll(async () => {
  await downloads?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Every file below a folder, for asking what was left there. */
function filesBelow(dir: string): string[] {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

describe('npm start without tools', () => {
  const stateDirOf = (name: string): string => join(folder, name);

  it('leaves nothing running and nothing half-built when it is stopped in the middle of a build', async () => {
    const own = mkdtempSync(join(folder, 'stopped-'));
    const go = writeHangingGo(own);
    const env = await toolsEnvironment(own, () => null);
    const stateDir = stateDirOf('stopped');
    const path = `${go.folder}:${process.env['PATH']}`;
    const up = await startUp(stateDir, ['--no-demo'], {
      env: { ...env, PATH: path },
      until: 'building with Go',
    });
    await pollUntil('both builds under way', 20, () => go.children().length === 4);
    expect(await up.interrupt()).toBe('exited with 1');
    expect(up.output()).toContain('tool 1 of 3: helm');
    expect(up.output()).toContain('stopped before every tool was there');
    expect(up.output()).not.toMatch(/\n\s+at /);
    expect(go.children().filter(isAlive)).toEqual([]);
    expect(filesBelow(join(own, 'tools'))).toEqual([]);
    expect(readdirSync(stateDir)).toEqual([]);
  });

  it('starts no program before every tool is there, however long the downloads take', async () => {
    const stateDir = stateDirOf('held');
    const starting = startUp(stateDir, ['--no-demo'], { env: downloads.env });
    await pollUntil('both downloads under way', 20, () => downloads.asked.length === 2);
    expect(readdirSync(stateDir)).toEqual(['platform.lock']);
    await expect(startUp(stateDir, ['--no-demo'], { env: downloads.env })).rejects.toThrow(
      /state directory .* is in use by pid \d+; stop that or choose another with --state-dir/,
    );

    downloads.release();
    const up = await starting;
    expect(up.output()).toMatch(/tool [12] of 3: helm [\d.]+ \(renders Helm charts\): downloaded/);
    expect(readFileSync(join(stateDir, 'roles', 'worker.log'), 'utf8')).not.toContain('of 2: helm');
    expect(await up.interrupt()).toBe('exited with 0');
  });
});

describe('a worker without tools', () => {
  async function environmentOf(name: string, tools: Readonly<Record<string, string>>) {
    const facts = await platform.createFacts();
    const readyFile = join(folder, `${name}.ready`);
    const healthPort = await freePort();
    return {
      readyFile,
      healthPort,
      drop: facts.drop,
      env: {
        ...ownEnvironment(),
        ...tools,
        KEELSON_DATABASE_URL: facts.databaseUrl,
        KEELSON_TEMPORAL_ADDRESS: facts.temporalAddress,
        KEELSON_TEMPORAL_NAMESPACE: facts.temporalNamespace,
        KEELSON_ENCRYPTION_KEY: generateKey(),
        KEELSON_CACHE_DIR: join(folder, 'cache'),
        KEELSON_READY_FILE: readyFile,
        KEELSON_HEALTH_PORT: String(healthPort),
      },
    };
  }

  const childOf = (name: string, env: Readonly<Record<string, string>>) => ({
    name,
    command: process.execPath,
    arguments: [join(import.meta.dirname, '../../../bin/worker.ts')],
    env,
    logFile: join(folder, `${name}.log`),
    pidFile: join(folder, `${name}.pid`),
  });

  async function readyz(port: number): Promise<string> {
    const reply = await fetch(`http://127.0.0.1:${port}/readyz`);
    return `${reply.status} ${(await reply.text()).trim()}`;
  }

  it('says what it waits for, is not ready, and is not killed for it', async () => {
    const own = mkdtempSync(join(folder, 'patient-'));
    const slow = await startHeldDownloads(own);
    const { env, readyFile, healthPort, drop } = await environmentOf('patient', slow.env);
    let pardoned = 0;
    const starting = startChild({
      ...childOf('patient worker', env),
      readySeconds: 1,
      waitsFor: () => {
        // Reading its own code takes more than a second on a busy machine.
        if (!existsSync(waitingFile(readyFile))) return pardoned === 0 ? 'its code' : undefined;
        pardoned += 1;
        return readFileSync(waitingFile(readyFile), 'utf8');
      },
      ready: async () => existsSync(readyFile),
    });
    try {
      await pollUntil('three times its time to become ready', 30, () => pardoned >= 3);
      expect(await readyz(healthPort)).toMatch(/^503 waiting: .*tool [12] of 3: (helm|kustomize) /);
      expect(existsSync(readyFile)).toBe(false);
      slow.release();
      const worker = await starting;
      expect(await readyz(healthPort)).toBe('200 ok');
      expect(existsSync(waitingFile(readyFile))).toBe(false);
      await worker.stop();
    } finally {
      slow.release();
      await starting.then((worker) => worker.stop()).catch(() => {}); // the failure is the test's own
      await slow.stop();
      await drop();
    }
  });

  it('ends at once when it is asked to, with everything that it builds', async () => {
    const own = mkdtempSync(join(folder, 'ended-'));
    const go = writeHangingGo(own);
    const tools = await toolsEnvironment(own, () => null);
    const path = `${go.folder}:${process.env['PATH']}`;
    const { env, drop } = await environmentOf('ended', { ...tools, PATH: path });
    const worker = await startChild({
      ...childOf('ended worker', env),
      ready: async () => go.children().length === 4,
    });
    await worker.stop();
    expect(await worker.exited).toBe('exited with 0');
    expect(go.children().filter(isAlive)).toEqual([]);
    expect(filesBelow(join(own, 'tools'))).toEqual([]);
    await drop();
  });
});
