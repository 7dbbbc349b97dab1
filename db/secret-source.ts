import type { SecretValues } from '../core/settings/reference.ts';
import type { Keyring } from '../platform/encryption.ts';
import type { Logger } from '../platform/logger.ts';
import type { Database } from './client.ts';
import { followTopic } from './connection/follow-topic.ts';
import type { ChangeHub } from './listen.ts';
import { readSecretValues } from './queries/home/settings-object.ts';

/** The values of Secrets that words may refer to, kept current in this process: the one place where they are read. */
export type SecretSource = {
  current(): SecretValues;
  /** Resolves when what is stored now counts here. */
  reload(): Promise<void>;
};

export type SecretSourceOptions = {
  readonly db: Database;
  readonly changes: ChangeHub;
  readonly keyring: Keyring;
  readonly log: Logger;
};

/** How long a missed announcement can keep old values. */
const pollMilliseconds = 15_000;

/** Reads the values and follows their changes. */
export async function openSecretSource({
  db,
  changes,
  keyring,
  log,
}: SecretSourceOptions): Promise<SecretSource & { close(): Promise<void> }> {
  let values = await readSecretValues(db, keyring);
  const follower = followTopic<[]>({
    ...{ changes, log, pollMilliseconds },
    topic: 'settings',
    failure: 'values of Secrets could not be read; those that are known stay',
    async read() {
      values = await readSecretValues(db, keyring);
    },
  });
  return { current: () => values, reload: follower.reload, close: follower.close };
}
