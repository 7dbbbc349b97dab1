import { isIPv4, isIPv6 } from 'node:net';

/** Where in an IPv6 address an IPv4 one is, by how the address begins; gateways and tunnels would lead there. */
const forms: readonly {
  readonly prefix: readonly number[];
  readonly at: readonly number[];
  readonly flipped?: true;
}[] = [
  // Compatible, mapped and translated: the same host by its IPv4 address.
  { prefix: [0, 0, 0, 0, 0, 0], at: [6, 7] },
  { prefix: [0, 0, 0, 0, 0, 0xffff], at: [6, 7] },
  { prefix: [0, 0, 0, 0, 0xffff, 0], at: [6, 7] },
  // NAT64, by its well-known prefix and by the one for networks of one's own.
  { prefix: [0x64, 0xff9b, 0, 0, 0, 0], at: [6, 7] },
  { prefix: [0x64, 0xff9b, 1], at: [6, 7] },
  // 6to4, and Teredo with its server and its client.
  { prefix: [0x2002], at: [1, 2] },
  { prefix: [0x2001, 0], at: [2, 3] },
  { prefix: [0x2001, 0], at: [6, 7], flipped: true },
];

/** An address and the IPv4 addresses that are in it, each of which it may lead to. */
export function withEmbedded(address: string): string[] {
  if (!isIPv6(address)) return [address];
  const words = wordsOf(address);
  const found = forms
    .filter(({ prefix }) => prefix.every((word, index) => words[index] === word))
    .map(({ at: [high = 0, low = 0], flipped }) => {
      const mask = flipped === true ? 0xffff : 0;
      return dotted((words[high] ?? 0) ^ mask, (words[low] ?? 0) ^ mask);
    });
  return [address, ...found];
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** The eight words of an IPv6 address in any of its forms. */
function wordsOf(address: string): number[] {
  const [bare = ''] = address.split('%');
  const [head = [], tail] = bare.split('::').map(readWords);
  if (tail === undefined) return [...head];
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function readWords(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((word) => {
    if (!isIPv4(word)) return [Number.parseInt(word, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = word.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
