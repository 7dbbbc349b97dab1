/** A member of an archive as it is written, right or wrong; `size` is what its header claims. */
export type OddMember = {
  name: string;
  type?: string;
  target?: string;
  text?: string;
  size?: number;
  /** With seven digits, as the header has it. */
  mode?: string;
  /** Who it claims to be of, with seven digits. */
  owner?: string;
};

/** An archive as nobody's tar would write it. */
export function archiveOf(members: readonly OddMember[]): Buffer {
  const blocks = members.map((member) => {
    const { name, type = '0', target = '', text = '', size = text.length, mode = '0000755', owner } = member;
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${mode}\0`, 100);
    if (owner !== undefined) header.write(`${owner}\0${owner}\0`, 108);
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

/**
 * Symlinks each of which stays inside by its text, and that lead three folders up together: to where the cache folder
 * is from an unpacked chart. Through the last of them a link is planted there, and folders are made.
 */
export function climbingLinks(planted: string): OddMember[] {
  return [
    { name: 'k', type: '2', target: '.' },
    { name: 'u1', type: '2', target: 'k/..' },
    { name: 'u2', type: '2', target: 'u1/..' },
    { name: 'u3', type: '2', target: 'u2/..' },
    { name: 'u3/home/.gitconfig', type: '2', target: planted },
    { name: 'u3/planted/deep/link', type: '2', target: 'anything' },
  ];
}
