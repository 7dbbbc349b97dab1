import { isIP, type LookupFunction } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import { type RefusedCertificate, refusedCertificate } from '../../core/repository/certificate-fault.ts';
import { throughTunnel } from '../../platform/way-out/dial.ts';

/** How a host is looked at: with which certificates, and on which way. */
export type HostProbe = {
  readonly url: URL;
  readonly ca?: string | readonly string[] | undefined;
  /** A proxy without TLS of its own, with its user and password. */
  readonly proxy?: URL | undefined;
  readonly lookup?: LookupFunction;
};

type SeenCertificate = Pick<RefusedCertificate, 'code' | 'shown'>;

const patienceMilliseconds = 5000;

/**
 * What is wrong with the certificate that a host shows, in words that follow it. Git's TLS libraries often say no more
 * than that something is, and Node's not what the certificate says, so the host is asked again. `code` is what the
 * library said, for a host that can't be asked; undefined where that isn't known either, or nothing is wrong.
 */
export async function certificateFaultSeen<Code extends string | undefined>(
  look: HostProbe,
  { url, caBundle }: Pick<RepositoryAccess, 'url'> & { readonly caBundle?: string | undefined },
  code: Code,
): Promise<string | Code> {
  const seen = (await seenCertificate(look)) ?? (code === undefined ? undefined : { code });
  if (seen === undefined) return code;
  // Registries are written without a scheme, or with one of their own.
  const repository = URL.parse(url.replace(/^(oci:\/\/|(?!\w+:\/\/))/i, 'https://'));
  const host = look.url.hostname;
  const trust = { host: repository?.hostname ?? host, hasOwn: caBundle !== undefined };
  return refusedCertificate({ host, trust, ...seen, now: new Date() });
}

/** Nothing is sent over the connection; undefined when nothing is wrong, or the certificate can't be seen. */
async function seenCertificate({ url, ca, proxy, lookup }: HostProbe): Promise<SeenCertificate | undefined> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port || 443);
  // What keeps it from being seen is for the failure itself to say.
  const tunnel =
    proxy && (await throughTunnel(proxy, host, port, patienceMilliseconds).catch(() => undefined));
  if (proxy !== undefined && tunnel === undefined) return undefined;
  return await shownBy({
    host,
    ...(tunnel === undefined ? { port, ...(lookup === undefined ? {} : { lookup }) } : { socket: tunnel }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }),
    rejectUnauthorized: false,
    timeout: patienceMilliseconds,
  });
}

function shownBy(options: ConnectionOptions): Promise<SeenCertificate | undefined> {
  return new Promise((resolve) => {
    const end = (seen?: SeenCertificate): void => {
      resolve(seen);
      socket.destroy();
    };
    const socket: TLSSocket = connect(options, () => end(socket.authorized ? undefined : seenOn(socket)));
    socket.on('error', () => end());
    socket.on('timeout', () => end());
  });
}

function seenOn(socket: TLSSocket): SeenCertificate {
  const certificate = socket.getPeerX509Certificate();
  // Node types the code as an error; at run time it is its code.
  const code = String(socket.authorizationError);
  if (certificate === undefined) return { code };
  const { validFromDate: from, validToDate: to, subjectAltName, subject } = certificate;
  return { code, shown: { from, to, names: subjectAltName ?? subject.replace(/^CN=/, '') } };
}
