import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { templateModuleFile } from '../../../local/obtain/template-module.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('the package', () => {
  it('brings the module of Go templates, its sources, and neither tests nor tools', async () => {
    const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json'], {
      cwd: root,
      maxBuffer: 1 << 26,
    });
    // What the package's own script prints stands before it.
    const [packed] = JSON.parse(stdout.slice(`\n${stdout}`.lastIndexOf('\n['))) as {
      files: { path: string }[];
    }[];
    const paths = packed?.files.map(({ path }) => path) ?? [];
    expect(paths).toContain(`dist/${templateModuleFile()}`);
    expect(paths.filter((path) => path.endsWith('.wasm'))).toHaveLength(1);
    expect(paths).toContain('platform/gotemplate/go/go.sum');
    expect(paths).toContain('bin/keelson.js');
    expect(paths.filter((path) => /^(test|bench|node_modules|\.keelson)\/|\.test\.ts$/.test(path))).toEqual(
      [],
    );
  });
});
