import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { LabelRequirement } from '../../../../core/application/label-selector.ts';
import { formatJson } from '../../../../core/object/json/json.ts';
import { applications } from '../../../schema/application.ts';
import { isOfProjects } from './visible.ts';

/** Which applications somebody asks for, whatever they may see. */
export type ApplicationChoice = {
  /** Absent for applications of every namespace. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** Empty means every project. */
  readonly projects: readonly string[];
  readonly labels: readonly LabelRequirement[];
  /** The address that one of its sources has. */
  readonly repo?: string | undefined;
};

/** Whether an application is one that is asked for. */
export function isChosen({ namespace, name, projects, labels, repo }: ApplicationChoice): SQL | undefined {
  return and(
    namespace === undefined ? undefined : eq(applications.namespace, namespace),
    name === undefined ? undefined : eq(applications.name, name),
    projects.length === 0 ? undefined : isOfProjects(projects),
    ...labels.map(fitsLabel),
    repo === undefined ? undefined : readsFrom(repo),
  );
}

const value = (key: string): SQL => sql`${applications.labels} ->> ${key}::text`;

const fitsBy: Readonly<Record<LabelRequirement['operator'], (requirement: LabelRequirement) => SQL>> = {
  exists: ({ key }) => sql`${applications.labels} ? ${key}::text`,
  missing: ({ key }) => sql`not ${applications.labels} ? ${key}::text`,
  in: ({ key, values }) => sql`${value(key)} = any(${sql.param(values)}::text[])`,
  notin: ({ key, values }) => sql`coalesce(${value(key)} <> all(${sql.param(values)}::text[]), true)`,
};

function fitsLabel(requirement: LabelRequirement): SQL {
  return fitsBy[requirement.operator](requirement);
}

/** The sources that count are those of the list where it has any, as `sourcesOf` has it. */
function readsFrom(repo: string): SQL {
  const { spec } = applications;
  return sql`case when jsonb_typeof(${spec} -> 'sources') = 'array' and ${spec} -> 'sources' <> '[]'
    then ${spec} -> 'sources' @> ${formatJson([{ repoURL: repo }])}::jsonb
    else ${spec} -> 'source' ->> 'repoURL' = ${repo} end`;
}
