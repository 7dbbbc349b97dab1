import type { KeelsonError } from '../../../core/errors.ts';
import { readAccounts } from '../../../core/home/settings/accounts.ts';
import { accountsSecret, partOf } from '../../../core/home/settings/settings-object.ts';
import {
  type Values,
  valuesOfSecret,
  withValues,
} from '../../../core/home/settings/written/secret-values.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import type { ChangeOf } from './settings-port.ts';

/** What `argocd-secret` is to say, beside what it says. */
export type AccountsChange = {
  readonly namespace: string;
  /** What is in force, of which the Secret is made where there is none. */
  readonly inForce: Values;
  readonly values: Values;
  /** The hash that somebody has proven to know, where they had to, and what is said where another one came between. */
  readonly instead?: { readonly hash: string; readonly refusal: () => KeelsonError } | undefined;
};

/** The Secret with the passwords and keys, as it is by now and with other values. */
export function accountsChange({ namespace, inForce, values, instead }: AccountsChange): ChangeOf {
  return (live) => {
    const before = live === undefined ? inForce : valuesOfSecret(live);
    // One that can't be read isn't in force, and is nobody's change.
    const { passwordHash = instead?.hash } = readAccounts(before).accounts;
    if (instead !== undefined && passwordHash !== instead.hash) throw instead.refusal();
    return withValues(live ?? newSecret(namespace, inForce), values);
  };
}

function newSecret(namespace: string, values: Values): Manifest {
  const empty: Manifest = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name: accountsSecret, labels: { ...partOf } },
    type: 'Opaque',
  };
  return withValues(empty, values);
}
