import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { FilterClause, ObjectFilter } from '../../../../core/rbac/filter/filter.ts';
import type { NamePattern, Names } from '../../../../core/rbac/filter/names.ts';
import { applications } from '../../../schema/application.ts';

/** A text in the order of its bytes, which no language and no release of one changes. */
export function bytewise(text: SQLWrapper): SQL {
  return sql`${text} collate "C"`;
}

/** Whether an application is of one of these projects. */
export function isOfProjects(projects: readonly string[]): SQL {
  return sql`${bytewise(applications.project)} = any(${sql.param(projects)}::text[])`;
}

/** Whether a filter decides on anything in its projects by patterns of names. */
export function hasPatterns({ clauses }: ObjectFilter): boolean {
  return clauses.some(({ names }) => names !== 'all');
}

/** Whether an application is of a project that a filter grants anything in. */
export function isOfFilteredProjects({ clauses, undecided }: ObjectFilter): SQL {
  const projects = [...clauses.flatMap((clause) => clause.projects), ...undecided];
  return projects.length === 0 ? sql`false` : isOfProjects(projects);
}

/**
 * Whether a filter grants an application, or leaves it to be decided on by its name. The projects of all clauses come
 * first: they find the rows by an index, whatever the clauses say.
 */
export function isCandidate(filter: ObjectFilter, home: string): SQL {
  const ofProjects = isOfFilteredProjects(filter);
  return hasPatterns(filter) ? sql`${ofProjects} and ${isGranted(filter, home)}` : ofProjects;
}

/** Whether an application of the projects of a filter is granted by its clauses, or undecided. */
export function isGranted({ clauses, undecided }: ObjectFilter, home: string): SQL {
  const rest = sql`(case when ${applications.namespace} = ${home} then ${applications.name}
    else ${applications.namespace} || '/' || ${applications.name} end)`;
  const ofClause = (clause: FilterClause): SQL =>
    sql`(${isOfProjects(clause.projects)} and ${fitsNames(clause.names, rest)})`;
  const parts = [...clauses.map(ofClause), ...(undecided.length === 0 ? [] : [isOfProjects(undecided)])];
  return parts.length === 0 ? sql`false` : sql`(${sql.join(parts, sql` or `)})`;
}

/** Whether a text is one of some names. */
function fitsNames(names: Names, text: SQL): SQL {
  if (names === 'all') return sql`true`;
  if (names === 'none') return sql`false`;
  if ('not' in names) return sql`not ${fitsNames(names.not, text)}`;
  if ('fits' in names) return fitsPatterns(names.fits, text);
  const [parts, operator] = 'some' in names ? [names.some, sql` or `] : [names.every, sql` and `];
  return sql`(${sql.join(
    parts.map((part) => fitsNames(part, text)),
    operator,
  )})`;
}

const operators: Readonly<Record<NamePattern['by'], SQL>> = {
  equal: sql`=`,
  like: sql`like`,
  expression: sql`~`,
};

function fitsPatterns(patterns: readonly NamePattern[], text: SQL): SQL {
  const kinds = Object.entries(operators).flatMap(([kind, operator]) => {
    const texts = patterns.filter(({ by }) => by === kind).map((pattern) => pattern.text);
    return texts.length === 0 ? [] : [sql`${bytewise(text)} ${operator} any(${sql.param(texts)}::text[])`];
  });
  return sql`(${sql.join(kinds, sql` or `)})`;
}
