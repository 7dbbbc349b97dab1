import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownEnvironment } from '../../support/process/own-environment.ts';
import { toolsEnvironment } from '../../support/servers/held-downloads.ts';

/** They measure code and PostgreSQL, which comes with the packages. */
const withoutTools = ['json', 'lists', 'rbac', 'read-manifests', 'statements'];
const benchmarks = readdirSync('bench')
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -'.ts'.length));

let folder: string;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keelson-bench-tools-'));
  for (const name of ['empty', 'started']) mkdirSync(join(folder, name));
  // Three tools are missing, none of which can be downloaded; and there is no compiler.
  const missing = await toolsEnvironment(folder, () => null);
  env = { ...ownEnvironment(), ...missing, PATH: join(folder, 'empty'), TMPDIR: join(folder, 'started') };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Ended = { readonly isFailure: boolean; readonly output: string };

function runBenchmark(name: string): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [`bench/${name}.ts`], { env, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ isFailure: error !== null, output: stdout + stderr }),
    );
  });
}

describe('a benchmark', () => {
  it('is known to need tools, or to need none', () => {
    const tools = /\b(obtainFor|startStage|startBareCluster)\(/;
    const obtaining = benchmarks.filter((name) => tools.test(readFileSync(`bench/${name}.ts`, 'utf8')));
    expect(obtaining.length).toBeGreaterThan(9);
    expect([...obtaining, ...withoutTools].sort()).toEqual([...benchmarks].sort());
  });

  it.each(benchmarks.filter((name) => !withoutTools.includes(name)))(
    '%s obtains its tools before it starts anything, and ends where one can not be had',
    async (name) => {
      const { isFailure, output } = await runBenchmark(name);
      expect(output).toMatch(/tool (helm|kustomize|jsonnet) is needed but can't be had/);
      expect(isFailure).toBe(true);
      expect(readdirSync(join(folder, 'started'))).toEqual([]);
    },
  );
});
