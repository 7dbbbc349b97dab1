import { asc } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { projects } from '../../schema/project.ts';
import { loadRowsBy } from '../rows-by.ts';

export type ProjectRow = typeof projects.$inferSelect;

export function listProjects(db: Database): Promise<ProjectRow[]> {
  return db.select().from(projects).orderBy(asc(projects.name));
}

export const findProject = loadRowsBy(projects, 'name');

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
