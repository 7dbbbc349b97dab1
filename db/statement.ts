import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { KeelsonError } from '../core/errors.ts';
import { formatJson } from '../core/object/json/json.ts';
import type { Database } from './database.ts';
import { applicationStatus, nextResourceVersion } from './schema/application.ts';
import { changes } from './schema/record.ts';

/** Channel on which every recorded change is announced; a listener that misses one finds it in the table. */
export const changeChannel = 'keelson';

type Topic = Pick<typeof changes.$inferSelect, 'type' | 'topic'>;

/** A change as it is to be recorded. */
export type NewChange = Topic & {
  readonly applicationId?: string;
  readonly clusterId?: string;
  readonly project?: string;
  /** The application as it was, when it is gone. */
  readonly final?: unknown;
};

/** One change of many applications: of each row `application_id, cluster_id` that a part of the statement returns. */
export type ChangeOfEach = Topic & { readonly each: string };

/** What the parts of a statement may ask for. */
export type PartContext = {
  /** The condition that the guard lets the statement change anything. */
  readonly permitted: SQL;
  /**
   * The query of the id of the application that is announced. A part that asks for it comes after the application's
   * status is locked, which everybody locks before such rows: the other order can deadlock.
   */
  readonly touched: SQL;
};

type Parts = Readonly<Record<string, SQLWrapper>>;
type Returning = Readonly<Record<string, SQL>>;

/** A statement that changes rows, as its author says it. */
export type ChangeStatement<Values extends Returning> = {
  /** A query that has a row, and locks it, for as long as the author may write. */
  readonly guard?: SQLWrapper;
  /** The changes, by names that other parts and what is returned may select from. */
  readonly parts?: Parts | ((context: PartContext) => Parts);
  /** The part whose rows say that something has changed; without it, whatever the guard permits is a change. */
  readonly when?: string;
  /** What the change log says of it, and with it every stream and session. */
  readonly announces: readonly NewChange[] | ChangeOfEach;
  /** Single values that are read beside, all of them as they were before the statement or as its parts return them. */
  readonly returning?: Values;
};

/** What a statement answers: whether its guard permitted it, whether it has changed anything, and what it returns. */
export type Changed<Values extends Returning> = { readonly permitted: boolean; readonly changed: boolean } & {
  readonly [Name in keyof Values]: Values[Name] extends SQL<infer Value> ? Value : never;
};

/**
 * Changes rows and announces that, all in one statement: both happen or neither does, and listeners hear of it once, at
 * the commit. What makes a change visible is added here and can't be left out: the change log, the notification, and a
 * new resourceVersion of the application that is announced as modified, unless a part raises it itself.
 *
 * One statement instead of a transaction spares a round trip for each part and for BEGIN and COMMIT. `bench/statements.ts`
 * measures it, and the hot ones have their figures at their heads.
 */
export async function changeRows<Values extends Returning = Record<never, SQL>>(
  db: Database,
  statement: ChangeStatement<Values>,
): Promise<Changed<Values>> {
  const { rows } = await db.execute(sqlOf(statement));
  const [answer] = rows;
  if (answer === undefined) throw new KeelsonError('internal', 'statement that changes rows has no answer');
  // Postgres answers with the columns that `sqlOf` has written.
  return answer as Changed<Values>;
}

/** The whole text of a statement, in the order in which its parts may read one another. */
function sqlOf<Values extends Returning>(statement: ChangeStatement<Values>): SQL {
  const { guard, when, announces, returning = {} } = statement;
  const permitted = guard === undefined ? sql`true` : sql`exists (select 1 from guard)`;
  const changed = when === undefined ? permitted : sql`exists (select 1 from ${sql.identifier(when)})`;
  const parts = partsOf(statement, permitted);
  const touch = touching(announces, parts, changed);
  const listed = [
    // Materialized, so that Postgres takes the lock once and for all parts.
    ...(guard === undefined ? [] : [sql`guard as materialized (${guard.getSQL()})`]),
    ...parts.filter((part) => !part.asksTouched).map(named),
    ...(touch === undefined ? [] : [sql`touched as (${touch})`]),
    ...parts.filter((part) => part.asksTouched).map(named),
    sql`logged as (insert into ${changes} (type, topic, application_id, cluster_id, project, final)
      ${logOf(announces, changed)} returning id, type, topic, application_id, cluster_id, project)`,
    // Volatile, so Postgres makes it once and whole wherever it is selected from.
    sql`announced as materialized (select pg_notify(${changeChannel}, row_to_json(logged)::text) from logged)`,
  ];
  const values = Object.entries(returning).map(([name, value]) => sql`${value} as ${sql.identifier(name)}`);
  const answer = [sql`${permitted} as permitted`, sql`${changed} as changed`, ...values];
  return sql`with ${sql.join(listed, sql`, `)}
    select ${sql.join(answer, sql`, `)}, (select count(*) from announced) as announced`;
}

type Part = {
  readonly name: string;
  readonly body: SQL;
  readonly asksTouched: boolean;
  readonly raises: boolean;
  readonly changesStatus: boolean;
};

const dialect = new PgDialect();

/** The parts of a statement; throws where the one that decides doesn't ask whether the guard permits it. */
function partsOf<Values extends Returning>(
  { guard, parts = {}, when }: ChangeStatement<Values>,
  permitted: SQL,
): Part[] {
  const given =
    typeof parts === 'function' ? parts({ permitted, touched: sql`(select id from touched)` }) : parts;
  return Object.entries(given).map(([name, part]) => {
    const body = part.getSQL();
    const text = dialect.sqlToQuery(body).sql;
    if (guard !== undefined && (when ?? name) === name && !text.includes('from guard'))
      throw new KeelsonError('internal', `part ${name} of a statement doesn't ask for its guard`);
    return {
      name,
      body,
      asksTouched: text.includes('from touched'),
      raises: text.includes('resource_version'),
      changesStatus: text.includes('update "application_status"'),
    };
  });
}

function named({ name, body }: Part): SQL {
  return sql`${sql.identifier(name)} as (${body})`;
}

/**
 * The update that raises the resourceVersion of what is announced as modified; undefined where nothing is, or where a
 * part does it. Postgres changes a row once in a statement, so a part that changes a status has to raise it.
 */
function touching(
  announces: readonly NewChange[] | ChangeOfEach,
  parts: readonly Part[],
  changed: SQL,
): SQL | undefined {
  const whose = modifiedBy(announces);
  if (whose === undefined || parts.some(({ raises }) => raises)) return undefined;
  const writer = parts.find(({ changesStatus }) => changesStatus);
  if (writer !== undefined)
    throw new KeelsonError(
      'internal',
      `part ${writer.name} changes an application without its resourceVersion`,
    );
  return sql`update ${applicationStatus} set resource_version = ${nextResourceVersion}
    where application_id in ${whose} and ${changed} returning application_id as id`;
}

/** The ids of the applications that are announced as modified, undefined where there are none. */
function modifiedBy(announces: readonly NewChange[] | ChangeOfEach): SQL | undefined {
  const isModified = ({ type, topic }: Topic): boolean => type === 'MODIFIED' && topic === 'application';
  if ('each' in announces)
    return isModified(announces)
      ? sql`(select application_id from ${sql.identifier(announces.each)})`
      : undefined;
  const ids = announces.filter(isModified).map(({ applicationId = null }) => sql`${applicationId}::uuid`);
  return ids.length === 0 ? undefined : sql`(${sql.join(ids, sql`, `)})`;
}

/** The rows of the change log. */
function logOf(announces: readonly NewChange[] | ChangeOfEach, changed: SQL): SQL {
  if ('each' in announces)
    return sql`select ${announces.type}::text, ${announces.topic}::text, application_id, cluster_id, null::text, null::jsonb
      from ${sql.identifier(announces.each)}`;
  const rows = announces.map(
    ({ type, topic, applicationId = null, clusterId = null, project = null, final }) =>
      sql`(${type}::text, ${topic}::text, ${applicationId}::uuid, ${clusterId}::uuid, ${project}::text, ${final === undefined ? null : formatJson(final)}::jsonb)`,
  );
  return sql`select * from (values ${sql.join(rows, sql`, `)}) as log where ${changed}`;
}
