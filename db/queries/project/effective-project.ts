import { sql } from 'drizzle-orm';
import {
  type EffectiveProject,
  effectiveProject,
  type StoredProject,
} from '../../../core/project/effective.ts';
import type { ScopedCluster } from '../../../core/project/rules/permits.ts';
import type { Database } from '../../client.ts';
import { loadRows } from '../../load-together.ts';
import { clusters } from '../../schema/cluster.ts';
import { projects } from '../../schema/project.ts';
import type { SettingsSource } from '../../settings-source.ts';

/** The clusters of the project whose row is read; the column is written out, since both tables have a name. */
export const ownClusters = sql<ScopedCluster[]>`(
  select coalesce(jsonb_agg(jsonb_build_object('server', own.server, 'name', own.name)), '[]')
  from ${clusters} own where own.project = ${sql.raw('"projects"."name"')})`;

const storedProject = loadRows<StoredProject>(
  (db) =>
    db
      .select({
        name: projects.name,
        labels: projects.labels,
        spec: projects.spec,
        homeConditions: projects.homeConditions,
        clusters: ownClusters.as('own_clusters'),
      })
      .from(projects)
      .where(sql`${projects.name} = any(${sql.placeholder('ids')}::text[])`)
      .prepare('stored_projects'),
  ({ name }) => name,
);

/** What an effective project is read from: the rows, and the setting that names global projects. */
export type ProjectReader = {
  readonly db: Database;
  readonly settings: Pick<SettingsSource, 'current'>;
};

/**
 * The project of a name as it is now, with all that it inherits. One statement reads it with its global projects, and
 * shares itself with others who ask for projects at the same time.
 */
export async function findEffectiveProject(
  { db, settings }: ProjectReader,
  name: string,
): Promise<EffectiveProject> {
  const { globalProjects } = settings.current();
  const names = [...new Set([name, ...globalProjects.map(({ projectName }) => projectName)])];
  const rows = await Promise.all(names.map((one) => storedProject(db, one)));
  const stored = new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.name, row] as const])));
  return effectiveProject(name, globalProjects, stored);
}
