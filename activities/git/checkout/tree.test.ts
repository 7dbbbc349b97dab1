import { describe, expect, it } from 'vitest';
import { parseBatch, parseTree, refuseTwice } from './tree.ts';

const oid = (letter: string): string => letter.repeat(40);

describe('activities/git/tree', () => {
  it('reads files, directories, symlinks and submodules with any characters in their names', () => {
    const output = [
      `040000 tree ${oid('a')}\tmy app`,
      `100644 blob ${oid('b')}\tmy app/a\tb\n.yaml`,
      `120000 blob ${oid('c')}\tlink`,
      `160000 commit ${oid('d')}\tvendor/ünit`,
      '',
    ].join('\0');
    expect(parseTree(output)).toEqual([
      { path: 'my app', mode: '040000', type: 'tree', oid: oid('a') },
      { path: 'my app/a\tb\n.yaml', mode: '100644', type: 'blob', oid: oid('b') },
      { path: 'link', mode: '120000', type: 'blob', oid: oid('c') },
      { path: 'vendor/ünit', mode: '160000', type: 'commit', oid: oid('d') },
    ]);
  });

  it.each([
    ['a file and a folder of one name', ['a.yaml', 'a.yaml']],
    ['names of other bytes that read alike', ['\ufffd.yaml', '\ufffd.yaml']],
  ])('refuses %s, of which one would be lost', (_, paths) => {
    const entries = paths.map((path) => ({ path, mode: '100644', type: 'blob' as const, oid: oid('a') }));
    const words = `commit ${oid('c')} has two entries of the name ${paths[0]}, read as UTF-8; rename one of them`;
    expect(() => refuseTwice(entries, oid('c'))).toThrow(words);
    expect(refuseTwice(entries.slice(1), oid('c'))).toHaveLength(1);
  });

  it('reads contents byte for byte and leaves out what is missing or no file', () => {
    const bytes = Buffer.from([0, 255, 10, 10, 128]);
    const output = Buffer.concat([
      Buffer.from(`${oid('a')} missing\n${oid('b')} blob ${bytes.length}\n`),
      bytes,
      Buffer.from(`\n${oid('c')} tree 3\nabc\n${oid('d')} blob 0\n\n`),
    ]);
    expect(parseBatch(output)).toEqual(
      new Map([
        [oid('b'), bytes],
        [oid('d'), Buffer.alloc(0)],
      ]),
    );
  });
});
