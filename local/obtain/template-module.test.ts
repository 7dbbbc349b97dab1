import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { obtainAll } from './obtain.ts';
import { templateModule, templateModuleFile } from './template-module.ts';

describe('local/template-module', () => {
  let dir = '';

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'keelson-module-'));
  });

  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  const module = (env: NodeJS.ProcessEnv = {}) =>
    templateModule({ env, cacheDir: join(dir, 'cache'), goVersion: '1.26.0', broughtFolder: dir });

  it('names its file by its sources, so that a module of other sources is not found', async () => {
    expect(templateModuleFile()).toMatch(/^gotemplate-[0-9a-f]{16}\.wasm$/);
    await writeFile(join(dir, 'gotemplate-0123456789abcdef.wasm'), '');
    expect(await module().find()).toBeUndefined();
  });

  it('takes the one that a variable names before the one that a package brings', async () => {
    await writeFile(join(dir, templateModuleFile()), '');
    await writeFile(join(dir, 'own.wasm'), '');
    expect(await module().find()).toBe(join(dir, templateModuleFile()));
    const KEELSON_TOOL_GOTEMPLATE = join(dir, 'own.wasm');
    expect(await module({ KEELSON_TOOL_GOTEMPLATE }).find()).toBe(KEELSON_TOOL_GOTEMPLATE);
    await expect(module({ KEELSON_TOOL_GOTEMPLATE: join(dir, 'none') }).find()).rejects.toThrow(
      'must be the path of a file',
    );
  });

  it('is left out where there is no Go, and says how to get it', async () => {
    const lines: string[] = [];
    const reporter = { say: (line: string) => void lines.push(line), progress: () => {} };
    await obtainAll([module({ PATH: dir })], { reporter });
    expect(lines.at(-1)).toMatch(
      /left out, module of Go templates can't be had \(no go on PATH\); install Go >= 1\.26\.0 and run npm run tools/,
    );
  });
});
