import { KeelsonError } from '../../errors.ts';
import { tryPattern } from '../../text/glob.ts';
import type { PermittingProject } from '../rules/permits.ts';

/** Where an application's objects go, and where the application itself is. */
export type AccountTarget = {
  readonly server: string;
  readonly namespace: string;
  readonly applicationNamespace: string;
};

/** What the name of an account or its namespace can't have. */
const foreign = /[!*[\]{}\\/\s]/;

/** Whether a text names an account, `namespace:name` or a name alone. */
export function isServiceAccount(text: string): boolean {
  return /^[^:]+(?::[^:]+)?$/.test(text) && !foreign.test(text);
}

/** The first entry of a project whose server and namespace fit, or can't be held against anything. */
export function accountEntry(
  { destinationServiceAccounts = [] }: PermittingProject['spec'],
  { server, namespace }: Pick<AccountTarget, 'namespace' | 'server'>,
) {
  return destinationServiceAccounts.find(
    (one) => fits(one.server, server) !== false && fits(one.namespace ?? '', namespace) !== false,
  );
}

/** Undefined for a pattern that can't be read. */
function fits(pattern: string, text: string): boolean | undefined {
  return tryPattern(pattern)?.test(text);
}

/**
 * The account that objects are applied as: the first entry whose server and namespace fit. Throws `forbidden` where none
 * does, for then nothing says who may write.
 */
export function serviceAccountFor({ metadata, spec }: PermittingProject, target: AccountTarget): string {
  const { server, namespace, applicationNamespace } = target;
  const entry = accountEntry(spec, target);
  const unreadable = [entry?.server ?? '', entry?.namespace ?? ''].find((one) => fits(one, '') === undefined);
  if (unreadable !== undefined) {
    throw new KeelsonError(
      'forbidden',
      `project ${metadata.name}: has "${unreadable}" in destinationServiceAccounts, which is no glob; correct it`,
    );
  }
  const account = entry?.defaultServiceAccount.trim() ?? '';
  if (!isServiceAccount(account)) {
    const what = entry === undefined ? 'has no service account' : `has "${account}" as service account`;
    throw new KeelsonError(
      'forbidden',
      `project ${metadata.name}: ${what} for server ${server} and namespace "${namespace}"; set one in destinationServiceAccounts`,
    );
  }
  const own = namespace === '' ? applicationNamespace : namespace;
  return `system:serviceaccount:${account.includes(':') ? account : `${own}:${account}`}`;
}
