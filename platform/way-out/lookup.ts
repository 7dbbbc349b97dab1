import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { type PrivateHosts, refusedAddress, refusedName } from './addresses.ts';

/** Finds the addresses of a name, as `lookup` of node:dns does. */
export type Resolve = (
  host: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** Says why a host may not be connected to. */
export class RefusedHost extends Error {
  readonly code = 'EACCES';
}

/** Resolves as the machine does. */
export const resolveHost: Resolve = (host) =>
  new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });

/** How long a name may take to be resolved that somebody else will resolve anyway. */
const otherLookupMs = 2000;

/** Resolves names as usual, but to no address that may not be connected to: what was checked is what is connected to. */
export function guardedLookup(
  known: PrivateHosts,
  port?: number,
  resolve: Resolve = resolveHost,
): LookupFunction {
  return (hostname, options, callback) => {
    const fail = (error: Error): void => callback(error, '', 0);
    resolve(hostname).then((addresses) => {
      const reasons = addresses.map(({ address }) => refusedAddress(hostname, address, known, port));
      const allowed = addresses.filter((_, index) => reasons[index] === undefined);
      const [first] = allowed;
      if (first === undefined) {
        const shown = addresses[0]?.address ?? 'no address';
        return fail(new RefusedHost(`${hostname} (${shown}) is ${reasons[0] ?? 'nowhere'}`));
      }
      if (options.all === true) return callback(null, [...allowed]);
      return callback(null, first.address, first.family);
    }, fail);
  };
}

/** Refuses a host that is written as an address; names are looked at when they are resolved. */
export function refuseWritten(host: string, known: PrivateHosts, port?: number): void {
  const reason = isIP(host) === 0 ? undefined : refusedAddress(host, host, known, port);
  if (reason !== undefined) throw new RefusedHost(`${host} is ${reason}`);
}

/**
 * Refuses a host that a proxy is about to be asked for. The proxy resolves names itself, and may find other addresses
 * than this machine; what this machine doesn't know is the proxy's to judge.
 */
export async function refuseBeforeProxy(
  host: string,
  known: PrivateHosts,
  port?: number,
  resolve: Resolve = resolveHost,
): Promise<void> {
  refuseWritten(host, known, port);
  const named = refusedName(host);
  if (named !== undefined) throw new RefusedHost(`${host} is ${named}`);
  if (isIP(host) !== 0) return;
  const late = new Promise<[]>((done) => setTimeout(done, otherLookupMs, []).unref());
  // Where only the proxy has the names of the world, this look-up fails as a rule.
  const addresses = await Promise.race([resolve(host).catch(() => []), late]);
  for (const { address } of addresses) {
    const reason = refusedAddress(host, address, known, port);
    if (reason !== undefined) throw new RefusedHost(`${host} (${address}) is ${reason}`);
  }
}
