import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { archiveOf, climbingLinks, type OddMember } from '../../test/support/servers/odd-archive.ts';
import { readTar } from './tar.ts';
import { unpackTar } from './unpack.ts';

const dir = mkdtempSync(join(tmpdir(), 'keelson-unpack-'));
/** Stands for the cache folder: whatever leads out of an archive ends in here. */
const surroundings = join(dir, 'cache');
mkdirSync(join(surroundings, 'home'), { recursive: true });
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let count = 0;
async function unpack(
  archive: Buffer,
  options: { gzip?: boolean; maxEntries?: number; maxBytes?: number; signal?: AbortSignal } = {},
) {
  count += 1;
  const path = join(dir, `archive-${count}`);
  const folder = join(surroundings, 'charts', `one-${count}.part`, 'unpacked');
  writeFileSync(path, archive);
  mkdirSync(folder, { recursive: true });
  const before = readdirSync(surroundings, { recursive: true });
  const { gzip = false, maxEntries = 100, maxBytes = 10_000, signal } = options;
  try {
    await unpackTar(path, folder, { gzip, limits: { maxEntries, maxBytes }, ...(signal ? { signal } : {}) });
  } catch (cause) {
    // What is refused is refused before anything is written, outside or inside.
    expect(readdirSync(surroundings, { recursive: true })).toEqual(before);
    throw cause;
  }
  const outside = readdirSync(surroundings, { recursive: true, encoding: 'utf8' }).filter(
    (one) => !join(surroundings, one).startsWith(`${folder}/`),
  );
  expect(outside).toEqual(before);
  return { folder, names: (await readdir(folder, { recursive: true })).sort() };
}

/** A record of 300 characters that renames the member after it. */
const longName = `310 path=${'n'.repeat(300)}\n`;

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

  it.each<[string, OddMember[], RegExp]>([
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
      /member d that is below a symlink/,
    ],
    [
      'symlinks that climb through each other',
      climbingLinks('../askpass-2.sh'),
      /u3\/home that is below a symlink/,
    ],
    [
      'a symlink below a symlink that comes after it',
      [
        { name: 'd/x', type: '2', target: 'e' },
        { name: 'd', type: '2', target: '.' },
      ],
      /one path for two different things/,
    ],
    [
      'a hard link below a symlink',
      [
        { name: 'd', type: '2', target: '.' },
        { name: 'a', text: 'x' },
        { name: 'd/b', type: '1', target: 'a' },
      ],
      /below a symlink/,
    ],
    [
      'a hard link to what a symlink shows',
      [
        { name: 'd', type: '2', target: '.' },
        { name: 'a', text: 'x' },
        { name: 'b', type: '1', target: 'd/a' },
      ],
      /hard link b to what is no file before it/,
    ],
    [
      'a step up after a symlink',
      [
        { name: 'deep/er', type: '5' },
        { name: 'deep/l', type: '2', target: '..' },
        { name: 'out', type: '2', target: 'deep/l/..' },
      ],
      /symlink out that leads out/,
    ],
    [
      'a step up after what is not there',
      [{ name: 'out', type: '2', target: 'gone/../../x' }],
      /symlink out that leads out/,
    ],
    [
      'a file and then a symlink of its name',
      [
        { name: 'a', text: 'x' },
        { name: 'a', type: '2', target: 'b' },
      ],
      /one path for two different things/,
    ],
    [
      'a symlink and then a folder of its name',
      [
        { name: 'a', type: '2', target: 'b' },
        { name: 'a', type: '5' },
        { name: 'a/x', text: 'x' },
      ],
      /member a that is below a symlink/,
    ],
    [
      'a symlink and then a file of its name',
      [
        { name: 'a', type: '2', target: 'b' },
        { name: 'a', text: 'x' },
      ],
      /one path for two different things/,
    ],
    [
      'a file and then a folder of its name',
      [
        { name: 'a', text: 'x' },
        { name: 'a/x', text: 'x' },
      ],
      /one path for two different things/,
    ],
    [
      'a symlink that a member differs from in capital letters alone',
      [
        { name: 'k', type: '2', target: '.' },
        { name: 'K/x', text: 'x' },
      ],
      /a member K that differ in capital letters alone/,
    ],
    [
      'symlinks in a circle',
      [{ name: 'a', type: '2', target: 'a' }],
      /symlink a that leads round in circles/,
    ],
    [
      'a path upwards in an extended header',
      [
        { name: 'x', type: 'x', text: '15 path=../out\n' },
        { name: 'a', text: 'x' },
      ],
      /member \.\.\/out that leads out/,
    ],
    [
      'a target upwards in an extended header',
      [
        { name: 'x', type: 'x', text: '19 linkpath=../out\n' },
        { name: 'a', type: '2', target: 'b' },
      ],
      /symlink a that leads out/,
    ],
    [
      'a long name upwards',
      [
        { name: '././@LongLink', type: 'L', text: '../out\0' },
        { name: 'a', text: 'x' },
      ],
      /member \.\.\/out that leads out/,
    ],
    [
      'a long target upwards',
      [
        { name: '././@LongLink', type: 'K', text: '/etc/passwd\0' },
        { name: 'a', type: '2', target: 'b' },
      ],
      /symlink a that leads out/,
    ],
    ['a sparse file', [{ name: 'a', type: 'S', text: 'x' }], /neither file, folder nor link/],
    [
      'a sparse file of the newer form',
      [
        { name: 'x', type: 'x', text: '22 GNU.sparse.major=1\n' },
        { name: 'GNUSparseFile.0/a', text: 'x' },
      ],
      /a sparse file/,
    ],
    [
      'a name that no disk takes',
      [{ name: 'x', type: 'x', text: longName }, { name: 'a' }],
      /impossible name/,
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

  it.each<[string, number, OddMember]>([
    ['a folder', 1, { name: 'd', type: '5', text: 'x'.repeat(600_000) }],
    ['a symlink', 1, { name: 'l', type: '2', target: 'a', text: 'x'.repeat(600_000) }],
    ['headers of a member that never comes', 450, { name: 'x', type: 'x', text: '13 path=abcd\n' }],
  ])('counts what comes out of %s', async (_, times, member) => {
    const packed = gzipSync(archiveOf(Array.from({ length: times }, () => member)));
    expect(packed.length).toBeLessThan(10_000);
    await expect(unpack(packed, { gzip: true })).rejects.toThrow(
      /more than \d+ bytes when unpacked, with all that is in no file|more than 400 headers/,
    );
  });

  it('ends when it is stopped in the middle of what it skips', async () => {
    const stop = new AbortController();
    // One folder whose content takes hundreds of reads to skip.
    const archive = archiveOf([{ name: 'd', type: '5', text: 'x'.repeat(30_000_000) }]);
    const unpacking = unpack(archive, { maxBytes: 100_000_000, signal: stop.signal });
    setImmediate(() => stop.abort());
    await expect(unpacking).rejects.toThrow(/aborted/);
  });

  it('gives a hard link what its target was at that point, and a path its last content', async () => {
    const { folder } = await unpack(
      archiveOf([
        { name: 'a', text: 'first' },
        { name: 'l', type: '1', target: 'a' },
        { name: 'a', text: 'second' },
        { name: 's', type: '2', target: 'gone' },
        { name: 's', type: '2', target: 'a' },
      ]),
    );
    expect(['a', 'l', 's'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([
      'second',
      'first',
      'second',
    ]);
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

  it('gives nothing the owner, or the rights beyond running it, that an archive claims', async () => {
    const claims = { mode: '0006777', owner: '0000002' };
    const { folder, names } = await unpack(
      archiveOf([
        { name: 'd/', type: '5', ...claims },
        { name: 'd/run.sh', text: 'run', ...claims },
        { name: 'd/plain', text: 'plain', mode: '0006666', owner: '0000002' },
      ]),
    );
    const stated = names.map((name) => statSync(join(folder, name)));
    expect(stated.map(({ mode }) => (mode & 0o7777).toString(8))).toEqual(['755', '644', '755']);
    const [own, group] = [process.getuid?.(), process.getgid?.()];
    for (const { uid, gid } of stated) expect([uid, gid]).toEqual([own, group]);
  });

  it('says when it is no archive', async () => {
    await expect(unpack(Buffer.from('x'.repeat(2000)))).rejects.toThrow(/no tar archive, or is damaged/);
    await expect(unpack(Buffer.from('x'.repeat(2000)), { gzip: true })).rejects.toThrow(/is not valid gzip/);
  });

  it('stops reading when it is cancelled, whatever is still to come', async () => {
    const stop = new AbortController();
    const whole = archiveOf(['a', 'b', 'c', 'd'].map((name) => ({ name, text: name })));
    let given = 0;
    async function* arriving(): AsyncGenerator<Buffer> {
      for (let at = 0; at < whole.length; at += 512) {
        given += 1;
        if (given === 4) stop.abort();
        yield whole.subarray(at, at + 512);
      }
    }
    const limits = { maxBytes: 100_000, maxHeaders: 100, signal: stop.signal };
    const readAll = async (): Promise<void> => {
      for await (const _ of readTar(arriving(), limits));
    };
    await expect(readAll()).rejects.toThrow(/abort/i);
    expect(given).toBe(4);
  });
});
