import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CertificateRequest } from './authority.ts';
import {
  type Authority,
  createAuthority,
  createSigningKey,
  type KeyPair,
  openAuthority,
} from './authority.ts';

/** Paths of a certificate and its key. */
type KeyPairFiles = { readonly certificateFile: string; readonly keyFile: string };

/** Keys and certificates of one server or cluster, kept in a folder so that clients stay valid over restarts. */
export type Pki = {
  readonly caFile: string;
  readonly caKeyFile: string;
  readonly caPem: string;
  /** The pair of this name, issued at the first call. */
  files(name: string, request: CertificateRequest): KeyPairFiles;
  pair(name: string, request: CertificateRequest): KeyPair;
  /** The key that signs service account tokens. */
  signingKey(): { readonly privateFile: string; readonly publicFile: string };
};

/** Opens the folder's authority, or makes one. */
export function openPki(folder: string): Pki {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = (name: string): string => join(folder, name);
  const authority = openOrCreate(path('ca.crt'), path('ca.key'));

  const files = (name: string, request: CertificateRequest): KeyPairFiles => {
    const certificateFile = path(`${name}.crt`);
    const keyFile = path(`${name}.key`);
    if (!existsSync(certificateFile)) {
      const issued = authority.issue(request);
      writeSecret(keyFile, issued.keyPem);
      writeSecret(certificateFile, issued.certificatePem);
    }
    return { certificateFile, keyFile };
  };

  return {
    caFile: path('ca.crt'),
    caKeyFile: path('ca.key'),
    caPem: authority.certificatePem,
    files,
    pair: (name, request) => {
      const { certificateFile, keyFile } = files(name, request);
      return { certificatePem: readFileSync(certificateFile, 'utf8'), keyPem: readFileSync(keyFile, 'utf8') };
    },
    signingKey: () => {
      const privateFile = path('service-account.key');
      const publicFile = path('service-account.pub');
      if (!existsSync(publicFile)) {
        const { privatePem, publicPem } = createSigningKey();
        writeSecret(privateFile, privatePem);
        writeSecret(publicFile, publicPem);
      }
      return { privateFile, publicFile };
    },
  };
}

/** The certificate is written after its key everywhere, so its presence means that both are there. */
function openOrCreate(certificateFile: string, keyFile: string): Authority {
  if (existsSync(certificateFile)) {
    return openAuthority({
      certificatePem: readFileSync(certificateFile, 'utf8'),
      keyPem: readFileSync(keyFile, 'utf8'),
    });
  }
  const authority = createAuthority();
  writeSecret(keyFile, authority.keyPem);
  writeSecret(certificateFile, authority.certificatePem);
  return authority;
}

function writeSecret(file: string, content: string): void {
  writeFileSync(file, content, { mode: 0o600 });
}
