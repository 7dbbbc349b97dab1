import { z } from '@hono/zod-openapi';
import { KeelsonError } from '../../core/errors.ts';
import type { RepositoryCredentials } from '../../core/repository/access.ts';
import {
  credentialFlags,
  credentialsFault,
  credentialTexts,
  type RepositoryRecord,
  type TemplateRecord,
} from '../../core/repository/record.ts';
import { repositoryUrlFault } from '../../core/repository/url-fault.ts';
import { withoutUser } from '../../core/repository/url-user.ts';
import type { RepositoryType } from '../../core/repository/words.ts';
import type { ShownCredentials } from '../../core/wire/repository.ts';

const words = z.string().nullish();
const flags = z.boolean().nullish();
const number = z.union([z.string(), z.number()]).nullish();

/** Credentials as clients of this API family send them. */
const credentialShape = {
  username: words,
  password: words,
  bearerToken: words,
  sshPrivateKey: words,
  tlsClientCertData: words,
  tlsClientCertKey: words,
  githubAppID: number,
  githubAppInstallationID: number,
  githubAppPrivateKey: words,
  githubAppEnterpriseBaseUrl: words,
  gcpServiceAccountKey: words,
  proxy: words,
  noProxy: words,
  insecure: flags,
  insecureIgnoreHostKey: flags,
  insecureOCIForceHttp: flags,
  enableLfs: flags,
  enableOCI: flags,
  forceHttpBasicAuth: flags,
  useAzureWorkloadIdentity: flags,
  depth: number,
};

const type = z.enum(['', 'git', 'helm', 'oci']).nullish();

/** A repository as it is written. */
export const RepositoryBody = z.object({
  repo: z.string(),
  type,
  name: words,
  project: words,
  ...credentialShape,
});
export type RepositoryBody = z.output<typeof RepositoryBody>;

/** The same where the address stands in the path. */
export const RepositoryFields = RepositoryBody.omit({ repo: true });
export type RepositoryFields = z.output<typeof RepositoryFields>;

/** Credentials for a prefix as they are written. */
export const TemplateBody = z.object({ url: z.string(), type, ...credentialShape });
export type TemplateBody = z.output<typeof TemplateBody>;

type CredentialFields = {
  readonly [Field in keyof typeof credentialShape]?: string | number | boolean | null | undefined;
};

/** The record that a body means; throws when it can't work. */
export function recordOf(body: RepositoryBody): RepositoryRecord {
  const record = {
    url: body.repo.trim(),
    type: typeOf(body.type),
    name: body.name ?? '',
    project: body.project ?? '',
    credentials: credentialsOf(body),
  };
  refuseUnusable(record);
  return record;
}

/** The template that a body means; throws when it can't work. */
export function templateOf(body: TemplateBody): TemplateRecord {
  const template = { url: body.url.trim(), type: typeOf(body.type), credentials: credentialsOf(body) };
  refuseUnusable(template);
  return template;
}

/** Throws when an address or credentials can't work, whoever wrote them. */
export function refuseUnusable({ url, type: spoken, credentials }: TemplateRecord): void {
  const fault = repositoryUrlFault(url, spoken);
  if (fault !== undefined) throw new KeelsonError('invalid-argument', `repository URL ${fault}`);
  const wrong = credentialsFault(credentials);
  if (wrong !== undefined) throw new KeelsonError('invalid-argument', `repository ${url}: ${wrong}`);
}

function typeOf(written: RepositoryBody['type']): RepositoryType {
  return written ? written : 'git';
}

/** As many digits as a Secret of a repository may have there; Git itself counts in 32 bits. */
const deepest = 999_999_999;

/** Clients send empty fields for what they leave out, and zero for a number. */
function credentialsOf(fields: CredentialFields): RepositoryCredentials {
  if (fields.useAzureWorkloadIdentity === true) {
    throw new KeelsonError(
      'invalid-argument',
      'Azure identities are not supported yet; use username and password or a token',
    );
  }
  const texts = credentialTexts.map((field) => [field, String(fields[field] ?? '')] as const);
  const switches = credentialFlags.map((field) => [field, fields[field] === true] as const);
  const depth = Number(fields.depth ?? 0);
  if (!Number.isInteger(depth) || depth < 0 || depth > deepest) {
    throw new KeelsonError('invalid-argument', `depth is not a whole number up to ${deepest}; correct it`);
  }
  return {
    ...Object.fromEntries(texts.filter(([, text]) => text !== '' && text !== '0')),
    ...Object.fromEntries(switches.filter(([, on]) => on)),
    ...(fields.insecureIgnoreHostKey === true ? { insecure: true } : {}),
    ...(depth > 0 ? { depth } : {}),
  };
}

/** An id as a number. Without an app's key nobody has looked at it, and what is none is not shown. */
function idField(field: 'githubAppID' | 'githubAppInstallationID', id: string | undefined) {
  return id !== undefined && /^\d{1,15}$/.test(id) ? { [field]: Number(id) } : {};
}

/** What of credentials may be shown: how a repository is read, never with which secret. */
export function shownCredentials(credentials: RepositoryCredentials | undefined): ShownCredentials {
  const {
    username,
    githubAppID,
    githubAppInstallationID,
    githubAppEnterpriseBaseUrl,
    proxy,
    noProxy,
    depth,
  } = credentials ?? {};
  const on = credentialFlags.filter((field) => credentials?.[field] === true);
  return {
    ...(username === undefined ? {} : { username }),
    ...idField('githubAppID', githubAppID),
    ...idField('githubAppInstallationID', githubAppInstallationID),
    ...(githubAppEnterpriseBaseUrl === undefined ? {} : { githubAppEnterpriseBaseUrl }),
    // A proxy's address may carry a password.
    ...(proxy === undefined ? {} : { proxy: withoutUser(proxy) }),
    ...(noProxy === undefined ? {} : { noProxy }),
    ...(depth === undefined ? {} : { depth }),
    ...Object.fromEntries(on.map((field) => [field, true])),
  };
}
