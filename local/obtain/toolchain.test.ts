import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeelsonError } from '../../core/errors.ts';
import { recordPid } from '../process/child.ts';
import { quietReporter } from '../reporter.ts';
import type { Artefact } from './artefact.ts';
import type { Downloader } from './download.ts';
import { obtainAll } from './obtain.ts';
import { createToolchain, hostPlatform } from './toolchain.ts';
import type { PinnedTool } from './tools-lock.ts';

const pinned: PinnedTool = {
  version: '2.1.0',
  accepts: '>=2.0.0 <3.0.0',
  why: 'shows how tools are found',
  versionArguments: ['--version'],
  versionPattern: 'saw (\\d+\\.\\d+\\.\\d+)',
  downloads: {
    [hostPlatform()]: { url: 'https://host.invalid/saw', sha256: null, checksumUrl: null, member: null },
  },
  goBuild: { module: 'saw', package: './saw', variables: {}, expectedSeconds: 1 },
};

let folder: string;
let downloads: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keelson-toolchain-'));
  downloads = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(path: string, version: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho saw ${version}\n`);
  chmodSync(path, 0o755);
  return path;
}

const serving: Downloader = {
  fetchTool: async (_download, output) => {
    downloads += 1;
    program(output, '2.1.0');
  },
};

const unreachable: Downloader = {
  fetchTool: async () => {
    throw new KeelsonError('unavailable', 'host.invalid cannot be reached');
  },
};

function saw(env: NodeJS.ProcessEnv, downloader: Downloader = serving): Artefact {
  const toolchain = createToolchain({
    lock: { goVersion: '1.26.0', tools: { saw: pinned } },
    env,
    cacheDir: join(folder, 'cache'),
    downloader,
  });
  return toolchain.artefact('saw', ['start']);
}

/** What somebody who needs the tool gets, after it was obtained if it wasn't there. */
async function pathOf(artefact: Artefact, reporter = quietReporter): Promise<string | undefined> {
  await obtainAll([artefact], { reporter });
  return artefact.find();
}

const cached = () => join(folder, 'cache', 'saw', `2.1.0-${hostPlatform()}`, 'saw');

describe('local/toolchain', () => {
  it('takes the program that the variable names before any other', async () => {
    const chosen = program(join(folder, 'mine', 'saw'), '9.9.9');
    program(join(folder, 'bin', 'saw'), '2.5.0');
    const env = { KEELSON_TOOL_SAW: chosen, PATH: join(folder, 'bin') };
    expect(await pathOf(saw(env))).toBe(chosen);
  });

  it('refuses a variable that names no program instead of taking another one', async () => {
    const env = { KEELSON_TOOL_SAW: join(folder, 'nothing') };
    await expect(pathOf(saw(env))).rejects.toThrow(
      /^KEELSON_TOOL_SAW must be the absolute path of an executable file/,
    );
  });

  it('takes the first program on PATH whose version fits', async () => {
    program(join(folder, 'old', 'saw'), '1.9.9');
    const fitting = program(join(folder, 'new', 'saw'), '2.5.0');
    const env = { PATH: `${join(folder, 'old')}:${join(folder, 'new')}` };
    program(cached(), '2.1.0');
    expect(await pathOf(saw(env))).toBe(fitting);
  });

  it('takes the cached program when PATH has none that fits', async () => {
    program(join(folder, 'old', 'saw'), '3.0.0');
    program(cached(), '2.1.0');
    const env = { PATH: join(folder, 'old') };
    expect(await pathOf(saw(env))).toBe(cached());
    expect(downloads).toBe(0);
  });

  it('downloads once for callers at the same time and for later ones', async () => {
    const askers = [saw({ PATH: '' }), saw({ PATH: '' }), saw({ PATH: '' })];
    const paths = await Promise.all(askers.map((asker) => pathOf(asker)));
    expect(paths).toEqual([cached(), cached(), cached()]);
    await pathOf(saw({ PATH: '' }));
    expect(downloads).toBe(1);
  });

  it('says what, why and how far while it fetches', async () => {
    const lines: string[] = [];
    const reporter = { say: (line: string) => void lines.push(line), progress: () => {} };
    await pathOf(saw({ PATH: '' }), reporter);
    expect(lines).toEqual([
      'one tool is missing and is obtained now: downloads take a minute or two, builds with Go up to 1 min, once',
      'tool 1 of 1: saw 2.1.0 (shows how tools are found): downloaded',
    ]);
  });

  it('tells every remedy when neither download nor Go can be had', async () => {
    program(join(folder, 'bin', 'go'), '0.0.0');
    const failure = pathOf(saw({ PATH: join(folder, 'bin') }, unreachable));
    await expect(failure).rejects.toThrow('host.invalid cannot be reached');
    await expect(failure).rejects.toThrow(
      'install Go >= 1.26.0, or set KEELSON_TOOL_SAW to its path, or allow access to its official download',
    );
  });

  it('finds no half of a tool: what a killed start left unfinished is removed by the next', async () => {
    const place = dirname(cached());
    mkdirSync(join(place, '.part-killed'), { recursive: true });
    program(join(place, '.part-killed', 'saw'), '2.1.0');
    const artefact = saw({ PATH: '' });
    expect(await artefact.find()).toBeUndefined();
    await pathOf(artefact);
    expect(readdirSync(place)).toEqual(['saw']);
  });

  it('ends a compiler that a killed start left running', async () => {
    const workDir = join(dirname(cached()), '.part-killed');
    mkdirSync(workDir, { recursive: true });
    const left = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    const ended = new Promise((resolve) => left.once('exit', (_code, signal) => resolve(signal)));
    recordPid(join(workDir, 'build.pid'), 'sleep', left.pid ?? 0);
    await pathOf(saw({ PATH: '' }));
    expect(await ended).toBe('SIGTERM');
  });
});
