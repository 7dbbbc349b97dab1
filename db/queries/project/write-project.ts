import { eq, inArray } from 'drizzle-orm';
import { KeelsonError } from '../../../core/errors.ts';
import { missingProject } from '../../../core/project/effective.ts';
import { goodRolesBeside } from '../../../core/rbac/policy/projects.ts';
import type { MatchMode } from '../../../core/rbac/policy/rules.ts';
import type { Database } from '../../client.ts';
import { applications, nextResourceVersion } from '../../schema/application.ts';
import { projects } from '../../schema/project.ts';
import { changeRows } from '../../statement.ts';
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

/**
 * Has a project stay until the transaction ends, for an application that is written into it. Whoever deletes it waits and
 * then counts that one; where it is gone already, this throws. Others that hold it don't wait for each other.
 */
export async function holdProject(tx: Database, name: string): Promise<void> {
  const held = await tx
    .select({ id: projects.id })
    .from(projects)
    .where(eq(projects.name, name))
    .for('key share');
  if (held.length === 0) throw new KeelsonError('invalid-argument', missingProject(name));
}

/**
 * Creates a project; undefined, and nothing has changed, where the name is taken. No roles bound those of a new one: while
 * some of them can't be read, they grant nothing.
 */
export async function insertProject(
  tx: Database,
  project: ProjectWrite & Pick<ProjectRow, 'name'> & Partial<ProjectHome>,
): Promise<ProjectRow | undefined> {
  const [row] = await tx.insert(projects).values(project).onConflictDoNothing().returning();
  if (row !== undefined) await recordChange(tx, { type: 'ADDED', topic: 'projects' });
  return row;
}

/**
 * Replaces a project that is locked. Where its roles can't all be read any more, the last ones that could be are kept
 * beside them: they bound what is granted, also by a process that starts later.
 */
export async function replaceProject(
  tx: Database,
  locked: ProjectRow,
  write: ProjectWrite & Partial<ProjectHome>,
  mode: MatchMode,
): Promise<ProjectRow> {
  const goodRoles = goodRolesBeside(locked, { name: locked.name, spec: write.spec }, mode);
  const [row] = await tx
    .update(projects)
    .set({ ...write, goodRoles, resourceVersion: nextResourceVersion })
    .where(eq(projects.id, locked.id))
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

/**
 * Announces that the applications of some projects go by other rules now, to sessions and to what is rendered; answers
 * with them. Other applications are not looked at.
 */
export async function announceRules(tx: Database, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  await changeRows(tx, {
    announces: names.map((project) => ({ type: 'MODIFIED', topic: 'rules', project })),
  });
  const found = await tx
    .select({ id: applications.id })
    .from(applications)
    .where(inArray(applications.project, [...names]));
  const ids = found.map(({ id }) => id);
  await requestRefreshes(tx, ids);
  return ids;
}
