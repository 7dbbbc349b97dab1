import { asc, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { loadRows } from '../load-together.ts';
import { projects } from '../schema/project.ts';

export type ProjectRow = typeof projects.$inferSelect;

export function listProjects(db: Database): Promise<ProjectRow[]> {
  return db.select().from(projects).orderBy(asc(projects.name));
}

export const findProject = loadRows(
  (db) =>
    db
      .select()
      .from(projects)
      .where(sql`${projects.name} = any(${sql.placeholder('ids')}::text[])`)
      .prepare('projects_by_names'),
  (row) => row.name,
);

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
