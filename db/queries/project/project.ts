import { asc, sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { projects } from '../../schema/project.ts';
import { loadRowsBy } from '../rows-by.ts';

export type ProjectRow = typeof projects.$inferSelect;

export function listProjects(db: Database): Promise<ProjectRow[]> {
  return db.select().from(projects).orderBy(asc(projects.name));
}

export const findProject = loadRowsBy(projects, 'name');

/**
 * A text that is another one when a project was created, changed or deleted. The sum and not the highest version: a change
 * that began earlier may be committed later.
 */
export async function projectsVersion(db: Database): Promise<string> {
  const [row] = await db
    .select({ version: sql<string>`count(*) || '/' || coalesce(sum(${projects.resourceVersion}), 0)` })
    .from(projects);
  return row?.version ?? '';
}

/** Creates a project unless one of that name is there; answers whether this call created it. */
export async function createProject(
  db: Database,
  project: Pick<ProjectRow, 'name' | 'spec'>,
): Promise<boolean> {
  const created = await db
    .insert(projects)
    .values(project)
    .onConflictDoNothing()
    .returning({ id: projects.id });
  return created.length > 0;
}
