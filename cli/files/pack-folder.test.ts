import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unpackTar } from '../../activities/archive/unpack.ts';
import { packFolder } from './pack-folder.ts';

const long = `${'deep/'.repeat(40)}wérk.yaml`;
const files = {
  'Chart.yaml': 'name: web\n',
  'templates/a.tpl': 'x'.repeat(512),
  'templates/empty.yaml': '',
  [long]: 'long name\n',
  '.git/config': 'left out',
};

let folder: string;
let target: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keelson-pack-'));
  target = mkdtempSync(join(tmpdir(), 'keelson-unpack-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  symlinkSync('Chart.yaml', join(folder, 'link.yaml'));
});

afterEach(() => {
  for (const one of [folder, target]) rmSync(one, { recursive: true });
});

async function unpacked(options: Parameters<typeof packFolder>[1]): Promise<(name: string) => string> {
  const archive = join(target, 'a.tgz');
  writeFileSync(archive, await packFolder(folder, options));
  const root = join(target, 'files');
  mkdirSync(root);
  await unpackTar(archive, root, { gzip: true });
  return (name) => readFileSync(join(root, name), 'utf8');
}

describe('cli/pack-folder', () => {
  test('what the server unpacks are the files of the folder, long names and links too', async () => {
    const read = await unpacked({ below: '', include: [] });
    for (const name of ['Chart.yaml', 'templates/a.tpl', 'templates/empty.yaml', long] as const) {
      expect(read(name)).toBe(files[name]);
    }
    expect(readlinkSync(join(target, 'files', 'link.yaml'))).toBe('Chart.yaml');
    expect(() => read('.git/config')).toThrow('ENOENT');
  });

  test('files stand below a folder, and only those that are wanted', async () => {
    const read = await unpacked({ below: 'apps/web', include: ['*.yaml'] });
    expect(read('apps/web/Chart.yaml')).toBe(files['Chart.yaml']);
    expect(() => read('apps/web/templates/a.tpl')).toThrow('ENOENT');
  });

  test('a folder that is not there is named', async () => {
    await expect(packFolder(join(folder, 'missing'), { below: '', include: [] })).rejects.toThrow(
      /--local .*missing does not exist; check the path/,
    );
  });
});
