import { fnv1a } from '../../../text/fnv.ts';

/** What a Secret is made for: the first word of its name. */
export type SecretPrefix = 'creds' | 'repo';

/** The name of a Secret for a repository or template, as the reference makes it. */
export function sourceSecretName(
  prefix: SecretPrefix,
  { url, project = '' }: { readonly url: string; readonly project?: string },
): string {
  return `${prefix}-${fnv1a(url + project)}`;
}

/** The name of a Secret for a cluster: its host is in it for people, the hash tells it from others of the host. */
export function clusterSecretName(server: string): string {
  const hostname = URL.parse(server)?.hostname ?? '';
  // IPv6 stands in brackets, and a name has no colons.
  const host = hostname.replace(/[[\]]/g, '').replaceAll(':', '-').toLowerCase();
  return `cluster-${host}-${fnv1a(server)}`;
}
