import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  Certificate,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  Name,
  RelativeDistinguishedName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';

/** Whom a certificate names; Kubernetes takes a client's user from the name and its groups from the organizations. */
export type Subject = { readonly name: string; readonly organizations?: readonly string[] };

/** Everything a certificate says, and the key that signs it. */
export type CertificateContent = {
  readonly subject: Subject;
  readonly publicKey: KeyObject;
  readonly issuer: Subject;
  readonly issuerKey: KeyObject;
  readonly now: Date;
  readonly extensions: readonly Extension[];
};

const commonName = '2.5.4.3';
const organization = '2.5.4.10';
const ecdsaWithSha256 = '1.2.840.10045.4.3.2';

const dayMs = 24 * 3600 * 1000;
/** A local cluster outlives no machine; nothing renews its certificates. */
const validDays = 3650;

/** An X.509 version 3 certificate in PEM, signed with ECDSA and SHA-256. */
export function signCertificate(content: CertificateContent): string {
  const algorithm = new AlgorithmIdentifier({ algorithm: ecdsaWithSha256 });
  const spki = content.publicKey.export({ type: 'spki', format: 'der' });
  const issuerSpki = createPublicKey(content.issuerKey).export({ type: 'spki', format: 'der' });
  const body = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature: algorithm,
    issuer: nameOf(content.issuer),
    // A day back, so that a clock that is set right later doesn't make it invalid.
    validity: new Validity({
      notBefore: new Date(content.now.getTime() - dayMs),
      notAfter: new Date(content.now.getTime() + validDays * dayMs),
    }),
    subject: nameOf(content.subject),
    subjectPublicKeyInfo: AsnConvert.parse(spki, SubjectPublicKeyInfo),
    extensions: new Extensions([
      ...content.extensions,
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyId(spki))),
      extension(
        id_ce_authorityKeyIdentifier,
        new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyId(issuerSpki)) }),
      ),
    ]),
  });
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(body)), content.issuerKey);
  const certificate = new Certificate({
    tbsCertificate: body,
    signatureAlgorithm: algorithm,
    signatureValue: bytes(signature),
  });
  return toPem(Buffer.from(AsnConvert.serialize(certificate)));
}

/** One extension of a certificate. */
export function extension(id: string, value: object, critical = false): Extension {
  return new Extension({
    extnID: id,
    critical,
    extnValue: new OctetString(AsnConvert.serialize(value)),
  });
}

/** A host as an alternative name: an address or a DNS name. */
export function generalName(host: string): GeneralName {
  return new GeneralName(isIP(host) === 0 ? { dNSName: host } : { iPAddress: host });
}

function nameOf({ name, organizations = [] }: Subject): Name {
  const parts = [
    ...organizations.map((value) => ({ type: organization, value })),
    { type: commonName, value: name },
  ];
  return new Name(
    parts.map(
      ({ type, value }) =>
        new RelativeDistinguishedName([
          new AttributeTypeAndValue({ type, value: new AttributeValue({ utf8String: value }) }),
        ]),
    ),
  );
}

/** Positive and without a leading zero byte, as the encoding of integers wants. */
function serialNumber(): ArrayBuffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return bytes(serial);
}

function keyId(spki: Buffer): ArrayBuffer {
  return bytes(createHash('sha256').update(spki).digest().subarray(0, 20));
}

/** A copy with a memory of its own, which Buffer's pooled views don't have. */
function bytes(view: Uint8Array): ArrayBuffer {
  return Uint8Array.from(view).buffer;
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
