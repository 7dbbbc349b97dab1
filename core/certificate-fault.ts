import { ownField } from './own-field.ts';

/** What is wrong with the certificate of a server; each is cured in another way. */
export type CertificateFault = 'expired' | 'not-yet-valid' | 'other-host' | 'unknown-authority' | 'unusable';

const faultByCode: Readonly<Record<string, CertificateFault>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not-yet-valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'other-host',
  HOSTNAME_MISMATCH: 'other-host',
  CERT_UNTRUSTED: 'unknown-authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unknown-authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown-authority',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown-authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown-authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown-authority',
  CERT_CHAIN_TOO_LONG: 'unusable',
  CERT_REJECTED: 'unusable',
  CERT_REVOKED: 'unusable',
  CERT_SIGNATURE_FAILURE: 'unusable',
  INVALID_CA: 'unusable',
  INVALID_PURPOSE: 'unusable',
  PATH_LENGTH_EXCEEDED: 'unusable',
};

/** The fault that a code of Node's TLS means; undefined for a code that is about something else. */
export function certificateFault(code: string): CertificateFault | undefined {
  return ownField(faultByCode, code);
}

/** What is known of a certificate, and of whoever it was shown to. */
export type ShownCertificate = {
  /** The name or address that was asked for. */
  readonly host: string;
  /** The names that it is for. */
  readonly names?: string | undefined;
  readonly validFrom?: string | undefined;
  readonly validTo?: string | undefined;
  /** Whose clock found it not valid yet: `this machine`. */
  readonly reader: string;
  /** What makes its authority trusted, as an order. */
  readonly trust: string;
};

/** What is wrong with a certificate, to be said behind "its certificate", and what to do about it. */
export function describeCertificateFault(
  fault: CertificateFault,
  { host, names, validFrom, validTo, reader, trust }: ShownCertificate,
): readonly [what: string, remedy: string] {
  switch (fault) {
    case 'expired':
      return [`expired${validTo === undefined ? '' : ` on ${validTo}`}`, 'renew it on the host'];
    case 'not-yet-valid': {
      const since = validFrom === undefined ? 'is not valid yet' : `is valid from ${validFrom} only`;
      return [since, `check the clocks of the host and of ${reader}`];
    }
    case 'other-host':
      return [
        names === undefined ? `is not for ${host}` : `is for ${names} and not for ${host}`,
        'use an address with a name that it has, or renew it with this one',
      ];
    case 'unknown-authority':
      return ['is signed by an authority that is not trusted', trust];
    case 'unusable':
      return ['is not one for servers, or is revoked or damaged', 'have the host show another'];
  }
}
