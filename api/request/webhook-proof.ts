import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ProviderName } from '../../core/git/webhook/providers.ts';

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
  // Its SHA-1 beside is not looked at: whoever sends would choose the weaker one.
  github: (secrets, delivery) => isSigned(secrets.github, delivery, 'x-hub-signature-256', 'sha256='),
  gogs: (secrets, delivery) => isSigned(secrets.gogs, delivery, 'x-gogs-signature', ''),
  bitbucketserver: (secrets, delivery) =>
    isSigned(secrets.bitbucketServer, delivery, 'x-hub-signature', 'sha256='),
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
 * Whether a provider has a secret. One that has none is missing it, unless the server is open on purpose; as soon as
 * another provider has one that counts no more: otherwise a stranger would only need to take the open one's name.
 */
export function secretState(
  provider: ProviderName,
  secrets: WebhookSecrets,
  isOpen: boolean,
): 'set' | 'missing' | 'open' {
  if (secretsOf[provider](secrets).some(Boolean)) return 'set';
  return isOpen && !Object.values(secrets).some(Boolean) ? 'open' : 'missing';
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
  prefix: string,
): Promise<boolean> {
  const given = delivery.header(header);
  if (given === undefined || secret === undefined) return false;
  const digest = createHmac('sha256', secret)
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
