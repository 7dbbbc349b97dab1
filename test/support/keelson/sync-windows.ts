import type { SyncWindow } from '../../../core/project/project.ts';
import type { Database } from '../../../db/client.ts';
import { recordChange } from '../../../db/queries/application/change.ts';
import { announceRules } from '../../../db/queries/project/write-project.ts';
import { projects } from '../../../db/schema/project.ts';

/** Gives a project these sync windows, and permits everything else; one that isn't there is made. */
export async function setWindows(
  db: Database,
  name: string,
  syncWindows: readonly SyncWindow[],
): Promise<void> {
  const every = [{ group: '*', kind: '*' }];
  const spec = {
    sourceRepos: ['*'],
    destinations: [{ server: '*', namespace: '*' }],
    clusterResourceWhitelist: every,
    namespaceResourceWhitelist: every,
    syncWindows,
  };
  await db.transaction(async (tx) => {
    await tx
      .insert(projects)
      .values({ name, spec })
      .onConflictDoUpdate({ target: projects.name, set: { spec } });
    await recordChange(tx, { type: 'MODIFIED', topic: 'projects' });
    await announceRules(tx, [name]);
  });
}
