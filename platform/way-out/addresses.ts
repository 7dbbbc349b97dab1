import { BlockList, isIP, isIPv4 } from 'node:net';
import { KeelsonError } from '../../core/errors.ts';
import { withEmbedded } from './embedded.ts';

/** Ranges that lead into a machine or a private network, or to many machines at once. */
const privateRanges = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'],
  // The last but one leads into a network of one's own, whatever IPv4 address is inside; the others are read first.
  ...['::/127', 'fc00::/7', 'fec0::/10', '64:ff9b:1::/48', 'ff00::/8'],
];

/** Where clouds answer with credentials of the machine; nothing opens these. */
const metadataRanges = [
  // Nearly all clouds at .169.254, containers of AWS at .170.2, Tencent at .0.23.
  '169.254.0.0/16',
  // Azure, Alibaba, Oracle.
  ...['168.63.129.16/32', '100.100.100.200/32', '192.0.0.192/32'],
  // AWS, Google, Scaleway; OpenStack and the machine's own network.
  ...['fd00:ec2::/32', 'fd20:ce::/32', 'fd00:42::42/128', 'fe80::/10'],
];

/** The names by which the same are known, for a look-up that is somebody else's. */
const metadataNames = new Set([
  ...['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data', 'instance-data.ec2.internal'],
  ...['metadata.tencentyun.com', 'metadata.azure.internal'],
]);

const privateList = listOf(privateRanges);
const metadataList = listOf(metadataRanges);

/** What else than public addresses may be reached. */
export type PrivateHosts = { allows(host: string, address: string, port?: number): boolean };

/** For what administrators have registered: all but metadata addresses. */
export const anyPrivate: PrivateHosts = { allows: () => true };

/** Reads host names, addresses and ranges (`10.1.0.0/16`). */
export function privateHosts(entries: readonly string[]): PrivateHosts {
  const names = new Set(entries.filter((entry) => !isRange(entry)).map((entry) => entry.toLowerCase()));
  const ranges = listOf(entries.filter(isRange));
  return {
    allows: (host, address) =>
      names.has(host.toLowerCase()) || withEmbedded(address).some((one) => contains(ranges, one)),
  };
}

/** The same with further places open, each a host with its port. */
export function withPlaces(known: PrivateHosts, places: readonly string[]): PrivateHosts {
  return {
    allows: (host, address, port) =>
      places.includes(`${host.toLowerCase()}:${port}`) || known.allows(host, address, port),
  };
}

/** Why an address may not be connected to, judged by the IPv4 addresses in it as well; undefined when it may. */
export function refusedAddress(
  host: string,
  address: string,
  known: PrivateHosts,
  port?: number,
): string | undefined {
  const addresses = withEmbedded(address);
  if (addresses.some((one) => contains(metadataList, one))) return metadataWords;
  const isPrivate = addresses.some((one) => contains(privateList, one));
  if (!isPrivate || known.allows(host, address, port)) return undefined;
  return 'a private address; list the host in KEELSON_RENDER_PRIVATE_HOSTS if sources may use it';
}

/** Why a name may not be handed to somebody who looks it up; undefined when nothing speaks against it. */
export function refusedName(host: string): string | undefined {
  return metadataNames.has(host.toLowerCase().replace(/\.$/, '')) ? metadataWords : undefined;
}

const metadataWords =
  'an address of the machine or its cloud, which renders never reach; correct the address';

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

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
