import type { RecordDeps } from '../../activities/deps.ts';
import { createContentStore } from '../../db/content-store.ts';
import { armFaults } from '../../platform/fault.ts';
import type { Foundation } from './compose.ts';

/** What the activities of a role stand on, whichever queues it serves. */
export function recordDepsOf({ config, database, settings, ...foundation }: Foundation): RecordDeps {
  const { engine, keyring, log } = foundation;
  const { db } = database;
  return {
    ...{ db, engine, keyring, log, settings },
    content: createContentStore(db, keyring, () => settings.current().retention.content),
    faults: armFaults(config.KEELSON_FAULT_DIR),
    homeNamespace: config.KEELSON_NAMESPACE,
  };
}
