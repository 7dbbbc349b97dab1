import { createHash, X509Certificate } from 'node:crypto';
import { KeelsonError } from '../../core/errors.ts';
import { pemBlocks } from '../../core/repository/record.ts';
import { withoutTrailing } from '../../core/text/trim.ts';

/** What a certificate says of itself. */
export type CertificateFacts = {
  /** `rsa`, `ecdsa`, `ed25519`. */
  readonly keyType: string;
  /** As `CN=...,O=...`. */
  readonly subject: string;
  readonly pem: string;
};

/** Reads every certificate of a PEM text; throws when there is none or one can't be read. */
export function readCertificates(pem: string, subject: string): CertificateFacts[] {
  const blocks = pemBlocks(pem, 'CERTIFICATE');
  if (blocks.length === 0) {
    throw new KeelsonError('invalid-argument', `${subject}: holds no certificate; give it in PEM`);
  }
  return blocks.map((block) => {
    const certificate = parse(block, subject);
    const keyType = certificate.publicKey.asymmetricKeyType ?? 'unknown';
    return {
      keyType: keyType === 'ec' ? 'ecdsa' : keyType,
      // The most telling part first, as other clients show it.
      subject: certificate.subject.split('\n').reverse().join(','),
      pem: block,
    };
  });
}

function parse(block: string, subject: string): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch (cause) {
    throw new KeelsonError(
      'invalid-argument',
      `${subject}: a certificate is damaged; copy it again as a whole`,
      {
        cause,
      },
    );
  }
}

/** The fingerprint of a host key as ssh-keygen prints it. */
export function hostKeyFingerprint(key: string): string {
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64');
  return `SHA256:${withoutTrailing(digest, '=')}`;
}
