import { eq } from 'drizzle-orm';
import type { ProjectSpec } from '../../../core/project/project.ts';
import { connectDatabase } from '../../../db/client.ts';
import { recordChange } from '../../../db/queries/application/change.ts';
import { announceRules } from '../../../db/queries/project/write-project.ts';
import { projects } from '../../../db/schema/project.ts';

/** The projects of an installation, written as whoever owns them does: the row, and the change that is announced. */
export type TestProjects = {
  put(name: string, spec: unknown, labels?: Readonly<Record<string, string>>): Promise<void>;
  remove(name: string): Promise<void>;
  close(): Promise<void>;
};

export function openProjects(databaseUrl: string): TestProjects {
  const { db, close } = connectDatabase(databaseUrl, { connections: 1, onError: () => {} });
  return {
    put: (name, given, labels = {}) =>
      db.transaction(async (tx) => {
        const spec = given as Record<string, unknown>;
        await tx
          .insert(projects)
          .values({ name, spec, labels })
          .onConflictDoUpdate({ target: projects.name, set: { spec, labels } });
        await recordChange(tx, { type: 'MODIFIED', topic: 'projects' });
        await announceRules(tx, [name]);
      }),
    remove: (name) =>
      db.transaction(async (tx) => {
        await tx.delete(projects).where(eq(projects.name, name));
        await recordChange(tx, { type: 'DELETED', topic: 'projects' });
        await announceRules(tx, [name]);
      }),
    close,
  };
}

/** A project that permits everything, for others to be narrower. */
export const openSpec: ProjectSpec = {
  sourceRepos: ['*'],
  destinations: [{ server: '*', namespace: '*' }],
  clusterResourceWhitelist: [{ group: '*', kind: '*' }],
};
