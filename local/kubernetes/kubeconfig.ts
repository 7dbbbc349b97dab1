import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { KeyPair } from './authority.ts';

/** One cluster and one user of it. */
export type KubeconfigContent = {
  /** Names the cluster, the user and the context. */
  readonly name: string;
  readonly server: string;
  readonly caPem: string;
  readonly user: KeyPair;
};

/** Writes a kubeconfig that only its owner can read, with everything embedded so that it can be copied. */
export function writeKubeconfig(file: string, { name, server, caPem, user }: KubeconfigContent): void {
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(caPem) } }],
    users: [
      {
        name,
        user: {
          'client-certificate-data': base64(user.certificatePem),
          'client-key-data': base64(user.keyPem),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
  writeFileSync(file, stringify(content), { mode: 0o600 });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
