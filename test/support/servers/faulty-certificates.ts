import { createAuthority, openAuthority } from '../../../local/kubernetes/authority.ts';

/** What a server shows, and what is trusted for it. */
export type Shown = {
  readonly key: string;
  readonly cert: string;
  readonly bundle?: string;
  /** The name by which it is asked for. */
  readonly as?: string;
};

const authority = createAuthority();
const stranger = createAuthority();
const longAgo = new Date('1990-01-01');
const expired = createAuthority(longAgo);

type Request = { use?: 'server' | 'client'; hosts?: readonly string[]; now?: Date; by?: typeof authority };

function shown(bundle: string | undefined, request: Request = {}, as?: string): Shown {
  const { use = 'server', hosts = ['127.0.0.1'], now = new Date(), by = authority } = request;
  const { keyPem, certificatePem } = openAuthority(by, now).issue({ subject: { name: 'host' }, use, hosts });
  return {
    ...{ key: keyPem, cert: certificatePem },
    ...(bundle === undefined ? {} : { bundle }),
    ...(as === undefined ? {} : { as }),
  };
}

const own = authority.certificatePem;
const right = shown(own);

type Row = readonly [says: string, fault: Shown, helped: Shown];

/** One of those that are refused. */
export const expiredCertificate: Row = [
  'expired on 1999-12-30; renew it on the host',
  shown(own, { now: longAgo }),
  right,
];

/** Certificates that are refused: what is said of each, and what helps. */
export const faultyCertificates: readonly Row[] = [
  [
    'is signed by an authority that is not trusted; register the authority: keelson cert add-tls 127.0.0.1 --from FILE',
    shown(undefined),
    right,
  ],
  [
    'register the authority: keelson cert add-tls 127.0.0.1 --from FILE --upsert',
    shown(stranger.certificatePem),
    right,
  ],
  expiredCertificate,
  ['expired on 1999-12-30; renew it on the host', shown(undefined, { now: longAgo }), right],
  [
    'only; check the clocks of the host and of the workers',
    shown(own, { now: new Date('2045-01-01') }),
    right,
  ],
  [
    'is for DNS:localhost and not for 127.0.0.1; use an address with a name that it has',
    shown(own, { hosts: ['localhost'] }),
    shown(own, { hosts: ['localhost'] }, 'localhost'),
  ],
  [
    'is for DNS:localhost and not for 127.0.0.1; use an address with a name that it has, or renew it with this one',
    shown(own, { hosts: ['localhost'] }),
    right,
  ],
  [
    'has expired; renew that on the host, then register the authority: keelson cert add-tls 127.0.0.1 --from FILE --upsert',
    shown(expired.certificatePem, { by: expired }),
    right,
  ],
];

/** What Git's TLS libraries take and Node's doesn't. */
export const unfitCertificate: Row = [
  'is not fit for a server (INVALID_PURPOSE); renew it on the host as one for servers',
  shown(own, { use: 'client' }),
  right,
];

/** A certificate that is accepted, and one of somebody else's authority. */
export const goodCertificates = {
  own: right,
  foreign: shown(stranger.certificatePem, { by: stranger, hosts: ['localhost'] }),
};
