import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'keelson-toolchain-'));
const source = join(folder, 'modules', 'saw');

beforeAll(() => {
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'go.mod'), 'module keelson.test/saw\n\ngo 1.26\n');
  writeFileSync(
    join(source, 'main.go'),
    'package main\n\nimport "fmt"\n\nvar version = "none"\n\nfunc main() { fmt.Println("saw " + version) }\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program of its own that asks for the tool and prints what its user would see, then the tool's path. */
const asking = `
import { createToolchain } from ${JSON.stringify(new URL('../../../local/obtain/toolchain.ts', import.meta.url).href)};
import { obtainAll } from ${JSON.stringify(new URL('../../../local/obtain/obtain.ts', import.meta.url).href)};
const pinned = {
  version: '2.1.0', accepts: '>=2.0.0 <3.0.0', why: 'shows a build',
  versionArguments: [], versionPattern: 'saw (\\\\d+\\\\.\\\\d+\\\\.\\\\d+)', downloads: {},
  goBuild: { module: 'saw', package: '.', variables: { 'main.version': '2.1.0' }, expectedSeconds: 1 },
};
const toolchain = createToolchain({
  lock: { goVersion: '1.26.0', tools: { saw: pinned } },
  env: process.env,
  cacheDir: ${JSON.stringify(join(folder, 'cache'))},
  modulesRoot: ${JSON.stringify(join(folder, 'modules'))},
  downloader: { fetchTool: async () => {} },
});
const saw = toolchain.artefact('saw', ['start']);
await obtainAll([saw], { reporter: { say: (line) => console.log(line), progress: () => {} } });
console.log(await saw.find());
`;

describe('local/toolchain', () => {
  it('builds once with Go when several programs need the tool at the same time', async () => {
    const script = join(folder, 'ask.ts');
    writeFileSync(script, asking);
    const outputs = await Promise.all([1, 2, 3].map(() => run(process.execPath, [script])));
    const lines = outputs.flatMap(({ stdout }) => stdout.trim().split('\n'));
    expect(lines.filter((line) => /: built in \d+ s$/.test(line))).toHaveLength(1);
    const paths = new Set(lines.filter((line) => line.startsWith('/')));
    expect(paths.size).toBe(1);
    const { stdout } = await run([...paths][0] ?? '', []);
    expect(stdout).toBe('saw 2.1.0\n');
  });
});
