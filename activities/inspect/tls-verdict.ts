import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { RepositoryAccess } from '../../core/repository/access.ts';

const patienceMilliseconds = 5000;

/**
 * Why the certificate of a host is not accepted, with the remedy. Git's TLS libraries often say no more than that it
 * isn't, so the host is asked again; undefined when that tells nothing either.
 */
export async function tlsVerdict({
  url,
  credentials,
  caBundle,
}: Pick<RepositoryAccess, 'url' | 'credentials' | 'caBundle'>): Promise<string | undefined> {
  // Registries are written without a scheme, or with one of their own.
  const place = URL.parse(url.replace(/^(oci:\/\/|(?!\w+:\/\/))/i, 'https://'));
  // Through a proxy another host might answer here.
  if (credentials.proxy !== undefined || place?.protocol !== 'https:') return undefined;
  const { hostname, port } = place;
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const seen = await new Promise<string | undefined>((resolve) => {
    const socket: TLSSocket = connect(
      {
        host,
        port: Number(port || 443),
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(caBundle === undefined ? {} : { ca: caBundle }),
        // The verdict is what is wanted; nothing is sent over this connection.
        rejectUnauthorized: false,
        timeout: patienceMilliseconds,
      },
      () => {
        resolve(socket.authorized ? undefined : wordsFor(socket, host));
        socket.destroy();
      },
    );
    const give = (): void => {
      resolve(undefined);
      socket.destroy();
    };
    socket.on('error', give);
    socket.on('timeout', give);
  });
  return seen === undefined ? undefined : `repository ${url}: its TLS certificate ${seen}`;
}

function wordsFor(socket: TLSSocket, host: string): string {
  const certificate = socket.getPeerCertificate();
  // Node types the code as an error; at run time it is its code.
  const code = String(socket.authorizationError);
  if (code.includes('EXPIRED')) return `expired on ${certificate.valid_to}; renew it on the host`;
  if (code.includes('NOT_YET_VALID')) {
    return `is valid from ${certificate.valid_from} only; check the clocks of the host and of the workers`;
  }
  if (code.includes('ALTNAME')) {
    const names = certificate.subjectaltname ?? String(certificate.subject.CN ?? 'nobody');
    return `is for ${names} and not for ${host}; use an address with a name that it has, or renew it with this one`;
  }
  return `is signed by an authority that is not trusted; register the authority: keelson cert add-tls ${host} --from FILE`;
}
