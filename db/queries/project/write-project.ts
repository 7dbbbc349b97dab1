import { eq, inArray } from 'drizzle-orm';
import { KeelsonError } from '../../../core/errors.ts';
import type { Database } from '../../client.ts';
import { applications, nextResourceVersion } from '../../schema/application.ts';
import { projects } from '../../schema/project.ts';
import { recordChange } from '../application/change.ts';
import { requestRefreshes } from '../application/refresh-request.ts';
import type { ProjectRow } from './project.ts';

/** All of a project that is written. */
export type ProjectWrite = Pick<ProjectRow, 'labels' | 'annotations' | 'finalizers' | 'spec' | 'status'>;

/** What the mirroring of the home cluster knows of a project. */
export type ProjectHome = Pick<ProjectRow, 'homeUid' | 'homeVersion' | 'homeConditions'>;

/** A project that nobody else changes until the transaction ends. */
export async function lockProject(tx: Database, name: string): Promise<ProjectRow | undefined> {
  const [row] = await tx.select().from(projects).where(eq(projects.name, name)).for('update');
  return row;
}

/** Creates a project; undefined, and nothing has changed, where the name is taken. */
export async function insertProject(
  tx: Database,
  project: ProjectWrite & Pick<ProjectRow, 'name'> & Partial<ProjectHome>,
): Promise<ProjectRow | undefined> {
  const [row] = await tx.insert(projects).values(project).onConflictDoNothing().returning();
  if (row !== undefined) await recordChange(tx, { type: 'ADDED', topic: 'projects' });
  return row;
}

/** Replaces a project that is locked. */
export async function replaceProject(
  tx: Database,
  { id }: Pick<ProjectRow, 'id'>,
  write: ProjectWrite & Partial<ProjectHome>,
): Promise<ProjectRow> {
  const [row] = await tx
    .update(projects)
    .set({ ...write, resourceVersion: nextResourceVersion })
    .where(eq(projects.id, id))
    .returning();
  if (row === undefined) throw new KeelsonError('internal', 'project row was not returned by its update');
  await recordChange(tx, { type: 'MODIFIED', topic: 'projects' });
  return row;
}

/** Records what the mirroring says of a project that is locked, and nothing of what its owner decides. */
export async function updateProjectHome(
  tx: Database,
  { id }: Pick<ProjectRow, 'id'>,
  home: Partial<ProjectHome>,
): Promise<void> {
  await tx
    .update(projects)
    .set({ ...home, resourceVersion: nextResourceVersion })
    .where(eq(projects.id, id));
  await recordChange(tx, { type: 'MODIFIED', topic: 'projects' });
}

/** Removes a project that is locked. */
export async function removeProject(tx: Database, { id }: Pick<ProjectRow, 'id'>): Promise<void> {
  await tx.delete(projects).where(eq(projects.id, id));
  await recordChange(tx, { type: 'DELETED', topic: 'projects' });
}

/** How many applications are in a project. */
export function countApplicationsIn(db: Database, name: string): Promise<number> {
  return db.$count(applications, eq(applications.project, name));
}

/** Asks for a refresh of the applications of some projects, whose rules are others now; answers with them. */
export async function refreshApplicationsIn(tx: Database, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const found = await tx
    .select({ id: applications.id })
    .from(applications)
    .where(inArray(applications.project, [...names]));
  const ids = found.map(({ id }) => id);
  await requestRefreshes(tx, ids);
  return ids;
}
