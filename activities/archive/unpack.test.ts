import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { unpackTar } from './unpack.ts';

const dir = mkdtempSync(join(tmpdir(), 'keelson-unpack-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

type Member = { name: string; type?: string; target?: string; text?: string; size?: number };

/** An archive as nobody's tar would write it. */
function archiveOf(members: readonly Member[]): Buffer {
  const blocks = members.map(({ name, type = '0', target = '', text = '', size = text.length }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000755\0', 100);
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
    header.write(type, 156);
    header.write(target, 157);
    header.write('ustar\x0000', 257);
    header.fill(' ', 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return Buffer.concat([header, Buffer.from(text), Buffer.alloc((512 - (text.length % 512)) % 512)]);
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

let count = 0;
async function unpack(
  archive: Buffer,
  options: { gzip?: boolean; maxEntries?: number; maxBytes?: number } = {},
) {
  count += 1;
  const path = join(dir, `archive-${count}`);
  const folder = join(dir, `out-${count}`);
  writeFileSync(path, archive);
  mkdirSync(folder);
  const { gzip = false, maxEntries = 100, maxBytes = 10_000 } = options;
  await unpackTar(path, folder, { gzip, limits: { maxEntries, maxBytes } });
  return { folder, names: (await readdir(folder, { recursive: true })).sort() };
}

describe('activities/archive/unpack', () => {
  it('unpacks what tar packed: long names, modes, links inside', async () => {
    const tree = join(dir, 'tree');
    const long = 'x'.repeat(90);
    mkdirSync(join(tree, long, long), { recursive: true });
    writeFileSync(join(tree, long, long, 'deep.yaml'), 'deep');
    writeFileSync(join(tree, 'run.sh'), 'run', { mode: 0o755 });
    symlinkSync(join(long, long, 'deep.yaml'), join(tree, 'link.yaml'));
    for (const format of ['gnu', 'pax']) {
      const packed = execFileSync('tar', ['-cz', `--format=${format}`, '-C', tree, '.']);
      const { folder } = await unpack(packed, { gzip: true });
      expect(readFileSync(join(folder, 'link.yaml'), 'utf8')).toBe('deep');
      expect(statSync(join(folder, 'run.sh')).mode & 0o111).not.toBe(0);
    }
  });

  it.each<[string, Member[], RegExp]>([
    ['a path upwards', [{ name: '../out', text: 'x' }], /member \.\.\/out that leads out/],
    ['a path upwards inside', [{ name: 'a/../../out', text: 'x' }], /leads out/],
    ['an absolute path', [{ name: '/etc/passwd', text: 'x' }], /leads out/],
    ['a symlink upwards', [{ name: 'a', type: '2', target: '../secret' }], /symlink a that leads out/],
    ['an absolute symlink', [{ name: 'a', type: '2', target: '/etc/passwd' }], /symlink a that leads out/],
    [
      'symlinks that lead out together',
      [
        { name: 'k', type: '2', target: '.' },
        { name: 'l', type: '2', target: 'k/..' },
      ],
      /symlink l that leads out/,
    ],
    [
      'a file through a symlink',
      [
        { name: 'd', type: '2', target: 'e' },
        { name: 'd/x', text: 'x' },
      ],
      /one path for two different things/,
    ],
    [
      'a hard link to the host',
      [{ name: 'a', type: '1', target: 'etc/passwd' }],
      /hard link a to what is no file before it/,
    ],
    ['a hard link upwards', [{ name: 'a', type: '1', target: '../x' }], /leads out/],
    ['a device', [{ name: 'null', type: '3' }], /neither file, folder nor link/],
    ['a pipe', [{ name: 'pipe', type: '6' }], /neither file, folder nor link/],
    ['a size that is not there', [{ name: 'a', text: 'x', size: 9000 }], /ends in the middle of a member/],
    [
      'more than it may hold',
      [{ name: 'a', text: 'x'.repeat(10_001) }],
      /more than 10000 bytes when unpacked/,
    ],
    [
      'too many members',
      Array.from({ length: 101 }, (_, index) => ({ name: `f${index}` })),
      /more than 100 members/,
    ],
  ])('refuses %s', async (_, members, words) => {
    await expect(unpack(archiveOf(members))).rejects.toThrow(words);
  });

  it('counts what hard links repeat', async () => {
    const links = Array.from({ length: 20 }, (_, index) => ({ name: `l${index}`, type: '1', target: 'a' }));
    await expect(unpack(archiveOf([{ name: 'a', text: 'x'.repeat(1000) }, ...links]))).rejects.toThrow(
      /10000 bytes/,
    );
  });

  it('stops a compressed archive that grows without end', async () => {
    const bomb = gzipSync(archiveOf([{ name: 'zeros', text: '0'.repeat(2_000_000) }]));
    expect(bomb.length).toBeLessThan(10_000);
    await expect(unpack(bomb, { gzip: true })).rejects.toThrow(/more than 10000 bytes/);
  });

  it('leaves out symlinks that lead nowhere', async () => {
    expect(
      (
        await unpack(
          archiveOf([
            { name: 'a', text: 'x' },
            { name: 'l', type: '2', target: 'gone' },
          ]),
        )
      ).names,
    ).toEqual(['a']);
  });

  it('says when it is no archive', async () => {
    await expect(unpack(Buffer.from('x'.repeat(2000)))).rejects.toThrow(/no tar archive, or is damaged/);
    await expect(unpack(Buffer.from('x'.repeat(2000)), { gzip: true })).rejects.toThrow(/is not valid gzip/);
  });
});
