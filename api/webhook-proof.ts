import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ProviderName } from '../core/git/webhook/providers.ts';

/** What providers share with the server. */
export type WebhookSecrets = {
  readonly github?: string | undefined;
  readonly gitlab?: string | undefined;
  readonly gogs?: string | undefined;
  /** Bitbucket Cloud sends the webhook's UUID, which nobody else is told. */
  readonly bitbucketUuid?: string | undefined;
  readonly bitbucketServer?: string | undefined;
  readonly azureDevopsUsername?: string | undefined;
  readonly azureDevopsPassword?: string | undefined;
};

/** A delivery as it came; the body is only read by proofs that need it, so that strangers can't make the server read. */
export type Delivery = {
  readonly header: (name: string) => string | undefined;
  readonly body: () => Promise<Buffer>;
};

type Proof = (secrets: WebhookSecrets, delivery: Delivery) => boolean | Promise<boolean>;

const proofs: Readonly<Record<ProviderName, Proof>> = {
  github: (secrets, delivery) => {
    // GitHub Enterprise before 3.0 signs with SHA-1 alone.
    const algorithm = delivery.header('x-hub-signature-256') === undefined ? 'sha1' : 'sha256';
    const header = algorithm === 'sha1' ? 'x-hub-signature' : 'x-hub-signature-256';
    return isSigned(secrets.github, delivery, header, algorithm, `${algorithm}=`);
  },
  gogs: (secrets, delivery) => isSigned(secrets.gogs, delivery, 'x-gogs-signature', 'sha256', ''),
  bitbucketserver: (secrets, delivery) =>
    isSigned(secrets.bitbucketServer, delivery, 'x-hub-signature', 'sha256', 'sha256='),
  gitlab: ({ gitlab = '' }, { header }) => isSame(header('x-gitlab-token') ?? '', gitlab),
  bitbucket: ({ bitbucketUuid = '' }, { header }) =>
    isSame(bareUuid(header('x-hook-uuid') ?? ''), bareUuid(bitbucketUuid)),
  azuredevops: ({ azureDevopsUsername = '', azureDevopsPassword = '' }, { header }) => {
    const given = /^Basic +(\S+)$/i.exec(header('authorization') ?? '')?.[1] ?? '';
    const expected = `${azureDevopsUsername}:${azureDevopsPassword}`;
    return isSame(Buffer.from(given, 'base64').toString('utf8'), expected);
  },
};

const secretsOf: Readonly<
  Record<ProviderName, (secrets: WebhookSecrets) => readonly (string | undefined)[]>
> = {
  github: ({ github }) => [github],
  gogs: ({ gogs }) => [gogs],
  bitbucketserver: ({ bitbucketServer }) => [bitbucketServer],
  gitlab: ({ gitlab }) => [gitlab],
  bitbucket: ({ bitbucketUuid }) => [bitbucketUuid],
  azuredevops: (secrets) => [secrets.azureDevopsUsername, secrets.azureDevopsPassword],
};

/**
 * Whether a provider has a secret. Without any, all deliveries are believed; as soon as one provider has one, another
 * that has none is missing it: otherwise a stranger would only need to take that provider's name.
 */
export function secretState(provider: ProviderName, secrets: WebhookSecrets): 'set' | 'missing' | 'open' {
  if (secretsOf[provider](secrets).some(Boolean)) return 'set';
  return Object.values(secrets).some(Boolean) ? 'missing' : 'open';
}

/** Whether a delivery proves that it comes from the provider, which has a secret. */
export function isProven(
  provider: ProviderName,
  secrets: WebhookSecrets,
  delivery: Delivery,
): boolean | Promise<boolean> {
  return proofs[provider](secrets, delivery);
}

async function isSigned(
  secret: string | undefined,
  delivery: Delivery,
  header: string,
  algorithm: 'sha1' | 'sha256',
  prefix: string,
): Promise<boolean> {
  const given = delivery.header(header);
  if (given === undefined || secret === undefined) return false;
  const digest = createHmac(algorithm, secret)
    .update(await delivery.body())
    .digest('hex');
  return isSame(given, `${prefix}${digest}`);
}

/** Compares in a time that tells nothing of where two texts differ. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Bitbucket writes the UUID in braces in some places. */
function bareUuid(text: string): string {
  return text.replace(/^\{(.*)\}$/, '$1').toLowerCase();
}
