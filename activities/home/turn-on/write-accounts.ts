import { credentialsFromClusterSecret } from '../../../cluster/access/cluster-secret.ts';
import { takeSettingsObject } from '../../../control/settings/home-objects.ts';
import { changeObject } from '../../../control/settings/write/change-object.ts';
import type { ChangeOf } from '../../../control/settings/write/settings-port.ts';
import { accountsChange } from '../../../control/settings/write/write-accounts.ts';
import { describeError, KeelsonError } from '../../../core/errors.ts';
import { accountKeys } from '../../../core/home/settings/accounts.ts';
import { accountsSecret } from '../../../core/home/settings/settings-object.ts';
import { valuesOfSecret } from '../../../core/home/settings/written/secret-values.ts';
import { ownField } from '../../../core/own-field.ts';
import { listSettingsObjects, openSettingsObject } from '../../../db/queries/home/settings-object.ts';
import { readSettingsNamed } from '../../../db/queries/installation/setting.ts';
import type { HomeMirror } from '../home-mirror.ts';
import type { RowChoice } from './row-choice.ts';

const { password, passwordTime, serverSecret } = accountKeys;

/** Without these nobody can come in. */
const needed = [password, serverSecret];

/** Has `argocd-secret` say what of passwords and keys it doesn't say yet; what it says itself is what holds. */
export async function writeAccounts(mirror: HomeMirror, { inConflict }: RowChoice): Promise<void> {
  const { client, control, transaction } = mirror;
  const { db, keyring, config, log } = control;
  const known = (await listSettingsObjects(db)).find(({ role }) => role === 'accounts');
  // One that was deleted waits until somebody accepts that.
  if (known !== undefined && (known.goneAt !== null || isComplete(openSettingsObject(keyring, known))))
    return;
  const inForce = await readSettingsNamed(db, keyring, [...needed, passwordTime]);
  if (needed.some((key) => ownField(inForce, key) === undefined)) return;
  const namespace = config.controlPlaneNamespace;
  const changeOf: ChangeOf = (live) => {
    const said = live === undefined ? {} : valuesOfSecret(live);
    const missing = Object.entries(inForce).filter(
      ([key]) => ownField(said, key === passwordTime ? password : key) === undefined,
    );
    return accountsChange({ namespace, inForce, values: Object.fromEntries(missing) })(live);
  };
  try {
    const written = await changeObject(client, { kind: 'Secret', namespace, name: accountsSecret }, changeOf);
    if (written.outcome !== 'written') return;
    const choice = { origin: 'write', transaction } as const;
    await takeSettingsObject(
      { ...control, clusterCredentials: credentialsFromClusterSecret },
      written.object,
      choice,
    );
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.retryable) throw error;
    // The rows hold on; said once a session, as each round tries again.
    if (inConflict) log.warn({ error: describeError(error) }, 'passwords could not be written into a Secret');
  }
}

function isComplete({ values }: { readonly values: Readonly<Record<string, string>> }): boolean {
  return needed.every((key) => Object.hasOwn(values, key));
}
