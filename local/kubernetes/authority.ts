import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  BasicConstraints,
  ExtendedKeyUsage,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyUsage,
  KeyUsageFlags,
  SubjectAlternativeName,
} from '@peculiar/asn1-x509';
import { extension, generalName, type Subject, signCertificate } from './certificate.ts';

/** A private key and the certificate over its public half, both PEM. */
export type KeyPair = { readonly keyPem: string; readonly certificatePem: string };

/** What a certificate is to be good for. */
export type CertificateRequest = {
  readonly subject: Subject;
  readonly use: 'server' | 'client';
  /** For a server: the host names and addresses clients reach it by. */
  readonly hosts?: readonly string[];
};

/** Signs certificates for one cluster. */
export type Authority = {
  readonly certificatePem: string;
  readonly keyPem: string;
  issue(request: CertificateRequest): KeyPair;
};

const name = 'keelson-local-ca';

/** A new certificate authority with a P-256 key. */
export function createAuthority(now = new Date()): Authority {
  const { privateKey, publicKey } = newKey();
  const certificatePem = signCertificate({
    subject: { name },
    publicKey,
    issuer: { name },
    issuerKey: privateKey,
    now,
    extensions: [
      extension(id_ce_basicConstraints, new BasicConstraints({ cA: true }), true),
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), true),
    ],
  });
  return openAuthority({ certificatePem, keyPem: pemOf(privateKey) }, now);
}

/** The authority whose key and certificate were kept from an earlier start. */
export function openAuthority({ certificatePem, keyPem }: KeyPair, now = new Date()): Authority {
  const issuerKey = createPrivateKey(keyPem);
  return {
    certificatePem,
    keyPem,
    issue: ({ subject, use, hosts = [] }) => {
      const { privateKey, publicKey } = newKey();
      const purpose = use === 'server' ? id_kp_serverAuth : id_kp_clientAuth;
      const extensions = [
        extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
        extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
        extension(id_ce_extKeyUsage, new ExtendedKeyUsage([purpose])),
      ];
      if (hosts.length > 0) {
        extensions.push(extension(id_ce_subjectAltName, new SubjectAlternativeName(hosts.map(generalName))));
      }
      return {
        keyPem: pemOf(privateKey),
        certificatePem: signCertificate({
          subject,
          publicKey,
          issuer: { name },
          issuerKey,
          now,
          extensions,
        }),
      };
    },
  };
}

/** A key for signing service account tokens, as the private half that also verifies. */
export function createSigningKey(): { readonly privatePem: string; readonly publicPem: string } {
  const { privateKey } = newKey();
  const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  return { privatePem: pemOf(privateKey), publicPem };
}

function newKey(): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** SEC1 is the form of elliptic keys that every Kubernetes component reads. */
function pemOf(key: KeyObject): string {
  return key.export({ type: 'sec1', format: 'pem' }).toString();
}
