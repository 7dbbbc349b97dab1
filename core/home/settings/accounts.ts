import { ownField } from '../../own-field.ts';

/** Keys of `argocd-secret` about the first account and the signature of tokens. */
export const accountKeys = {
  password: 'admin.password',
  passwordTime: 'admin.passwordMtime',
  tokens: 'admin.tokens',
  serverSecret: 'server.secretkey',
} as const;

/** What `argocd-secret` says of them; absent where it doesn't. */
export type HomeAccounts = {
  readonly passwordHash?: string;
  readonly passwordTime?: string;
  readonly serverSecret?: string;
};

/** A hash of bcrypt, in any of the spellings of its version. */
const bcrypt = /^\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}$/;

/** Reads them; a fault names the key and never its value. */
export function readAccounts(values: Readonly<Record<string, string>>): {
  readonly accounts: HomeAccounts;
  readonly faults: readonly string[];
} {
  // Files and `echo` bring a line end along, which no hash and no key has.
  const textOf = (key: string): string => (ownField(values, key) ?? '').trim();
  const [passwordHash, passwordTime, serverSecret] = [
    textOf(accountKeys.password),
    textOf(accountKeys.passwordTime),
    textOf(accountKeys.serverSecret),
  ];
  const faults = [
    ...(passwordHash !== '' && !bcrypt.test(passwordHash)
      ? [`${accountKeys.password}: is no hash of bcrypt`]
      : []),
    ...(passwordTime !== '' && Number.isNaN(Date.parse(passwordTime))
      ? [`${accountKeys.passwordTime}: is no time of RFC 3339`]
      : []),
  ];
  return {
    accounts: {
      ...(bcrypt.test(passwordHash) ? { passwordHash } : {}),
      ...(passwordTime === '' ? {} : { passwordTime }),
      ...(serverSecret === '' ? {} : { serverSecret }),
    },
    faults,
  };
}
