import { BlockList, isIP, isIPv4 } from 'node:net';
import { KeelsonError } from '../../core/errors.ts';

/** Ranges that lead into a machine or a private network, or to many machines at once. */
const privateRanges = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/127', 'fc00::/7', 'fec0::/10', 'ff00::/8'],
  // These carry an IPv4 address inside, which a gateway would take the connection to.
  ...['64:ff9b::/96', '64:ff9b:1::/48', '2002::/16', '2001::/32'],
];

/** Where clouds answer with credentials of the machine; nothing opens these. The single ones are Azure's, Alibaba's, AWS'. */
const metadataRanges = [
  '169.254.0.0/16',
  '168.63.129.16/32',
  '100.100.100.200/32',
  'fe80::/10',
  'fd00:ec2::/32',
];

const privateList = listOf(privateRanges);
const metadataList = listOf(metadataRanges);

/** What else than public addresses may be reached. */
export type PrivateHosts = { allows(host: string, address: string): boolean };

/** Reads host names, addresses and ranges (`10.1.0.0/16`). */
export function privateHosts(entries: readonly string[]): PrivateHosts {
  const names = new Set(entries.filter((entry) => !isRange(entry)).map((entry) => entry.toLowerCase()));
  const ranges = listOf(entries.filter(isRange));
  return { allows: (host, address) => names.has(host.toLowerCase()) || contains(ranges, address) };
}

/** Why an address may not be connected to; undefined when it may. */
export function refusedAddress(host: string, address: string, known: PrivateHosts): string | undefined {
  if (contains(metadataList, address))
    return 'an address of the machine or its cloud, which renders never reach';
  if (!contains(privateList, address) || known.allows(host, address)) return undefined;
  return 'a private address; list the host in KEELSON_RENDER_PRIVATE_HOSTS if sources may use it';
}

function isRange(entry: string): boolean {
  return isIP(entry.replace(/\/\d+$/, '')) !== 0;
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    const longest = family === 'ipv4' ? 32 : 128;
    const prefix = Number(bits ?? longest);
    if (prefix > longest) {
      throw new KeelsonError(
        'invalid-argument',
        `KEELSON_RENDER_PRIVATE_HOSTS: ${range} is no range; a prefix has at most ${longest} bits`,
      );
    }
    list.addSubnet(address, prefix, family);
  }
  return list;
}

/** An IPv4 address written as IPv6 (`::ffff:a.b.c.d`) is found in the IPv4 ranges. */
function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
