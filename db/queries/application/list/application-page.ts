import { sql } from 'drizzle-orm';
import { ownField, setField } from '../../../../core/own-field.ts';
import { applicationObject } from '../../../../core/rbac/request.ts';
import type { Database } from '../../../client.ts';
import { applicationStatus, applications } from '../../../schema/application.ts';
import { listApplications, listWhere, type ShownColumn, type ShownRow } from '../application-list.ts';
import { isStatusOf } from '../destination.ts';
import { conditionOf, inOrder, type Listing, type PageKey } from './listing.ts';
import { keysOf, walkNames } from './name-walk.ts';
import { bytewise, hasPatterns } from './visible.ts';

/** A page of a list. */
export type ApplicationPage = {
  readonly rows: readonly ShownRow[];
  /** Where the page after it begins; undefined at the end. */
  readonly next: PageKey | undefined;
  /** No change of the list that this page doesn't show has a resourceVersion up to this one. */
  readonly version: number;
};

/** Names that are decided on at once, between which others have their turn: some ten milliseconds. */
const decidedAtOnce = 2_000;

/**
 * Applications of a list in the order of their names' bytes, at most `limit` after a key. What is there throughout comes
 * once, whatever is created and deleted between two pages. Names are found first, in an index that has all that filters
 * go by; only what is shown is read from the rows.
 */
export async function pageOfApplications(
  db: Database,
  listing: Listing,
  { after, limit }: { readonly after?: PageKey | undefined; readonly limit: number },
  columns: readonly ShownColumn[],
): Promise<ApplicationPage> {
  if (listing.filter.undecided.length > 0) return decidedPage(db, listing, { after, limit }, columns);
  const rows = hasPatterns(listing.filter)
    ? await walkedRows(db, listing, { after, limit }, columns)
    : await listWhere(db, sql`${applications.id} in (${keysOf(listing, after, limit + 1)})`, columns);
  const shown = rows.slice(0, limit);
  return {
    rows: shown,
    next: rows.length > limit ? keyOf(shown.at(-1)) : undefined,
    version: shown.reduce((newest, { resourceVersion }) => Math.max(newest, resourceVersion), 0),
  };
}

/** Names and rows are of one moment, so that nothing changes between them. */
function walkedRows(
  db: Database,
  listing: Listing,
  { after, limit }: { readonly after: PageKey | undefined; readonly limit: number },
  columns: readonly ShownColumn[],
): Promise<ShownRow[]> {
  return db.transaction(
    async (tx) => listApplications(tx, await walkNames(tx, listing, after, limit + 1), columns),
    { isolationLevel: 'repeatable read' },
  );
}

/** A page of a list whose names are decided on one by one. What is deleted meanwhile is missing, and the rest goes on. */
async function decidedPage(
  db: Database,
  listing: Listing,
  { after, limit }: { readonly after?: PageKey | undefined; readonly limit: number },
  columns: readonly ShownColumn[],
): Promise<ApplicationPage> {
  // Names and rows are read one after the other: what changes between is newer than this.
  const version = after === undefined ? await versionOfList(db, listing) : 0;
  const found: Candidate[] = [];
  for await (const candidate of grantedOf(db, listing, after)) {
    found.push(candidate);
    if (found.length > limit) break;
  }
  const shown = found.slice(0, limit);
  const rows = await listApplications(
    db,
    shown.map(({ id }) => id),
    columns,
  );
  return { rows, next: found.length > limit ? keyOf(shown.at(-1)) : undefined, version };
}

function keyOf(row: PageKey | undefined): PageKey | undefined {
  return row === undefined ? undefined : { name: row.name, namespace: row.namespace };
}

/** All of a list, page by page, each read once the one before is done with, as whoever asks may see it by then. */
export async function* pagesOfApplications(
  db: Database,
  listingNow: () => Promise<Listing>,
  limit: number,
  columns: readonly ShownColumn[],
): AsyncGenerator<readonly ShownRow[]> {
  let after: PageKey | undefined;
  do {
    const { rows, next } = await pageOfApplications(db, await listingNow(), { after, limit }, columns);
    yield rows;
    after = next;
  } while (after !== undefined);
}

type Candidate = PageKey & {
  readonly id: string;
  readonly project: string;
  readonly sync: string;
  readonly health: string;
};

/** All that a listing shows, after a key, read and decided on in pieces. */
async function* grantedOf(
  db: Database,
  listing: Listing,
  after: PageKey | undefined,
): AsyncGenerator<Candidate> {
  const { undecided, decides } = listing.filter;
  const unclear = new Set(undecided);
  for (let key = after; ; ) {
    const { rows } = await db.execute<Candidate>(sql`
      select id, name, namespace, project, sync_status as sync, health_status as health
      from ${applications} join ${applicationStatus} on ${isStatusOf}
      where ${conditionOf(listing, key)} order by ${inOrder} limit ${decidedAtOnce}`);
    for (const row of rows) {
      if (!unclear.has(row.project) || decides(applicationObject(row, listing.home))) yield row;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < decidedAtOnce) return;
    key = { name: last.name, namespace: last.namespace };
  }
}

/** How many applications a list has, in all and by what their status says. */
export type StatusCounts = {
  readonly total: number;
  readonly sync: Readonly<Record<string, number>>;
  readonly health: Readonly<Record<string, number>>;
};

type Counted = { readonly sync: string; readonly health: string; readonly count: number };

/** Counts the applications of a list. */
export async function countApplications(db: Database, listing: Listing): Promise<StatusCounts> {
  const sync: Record<string, number> = {};
  const health: Record<string, number> = {};
  let total = 0;
  const add = ({ count, ...row }: Counted): void => {
    total += count;
    setField(sync, row.sync, (ownField(sync, row.sync) ?? 0) + count);
    setField(health, row.health, (ownField(health, row.health) ?? 0) + count);
  };
  if (listing.filter.undecided.length > 0) {
    for await (const { sync: status, health: state } of grantedOf(db, listing, undefined)) {
      add({ sync: status, health: state, count: 1 });
    }
  } else {
    const { rows } = await db.execute<Counted>(sql`
      select sync_status as sync, health_status as health, count(*)::int as count
      from ${applications} join ${applicationStatus} on ${isStatusOf}
      where ${conditionOf(listing, undefined)} group by 1, 2`);
    rows.forEach(add);
  }
  return { total, sync, health };
}

/**
 * A resourceVersion that no later change of an application of this list has: read before the list is, it is where a stream
 * goes on from it.
 */
export async function versionOfList(db: Database, listing: Listing): Promise<number> {
  const { rows } = await db.execute<{ version: string | null }>(sql`
    select max(resource_version)::text as version
    from ${applications} join ${applicationStatus} on ${isStatusOf} where ${conditionOf(listing, undefined)}`);
  return Number(rows[0]?.version ?? 0);
}

/** The projects that applications name, found one after the other in an index: they are few. */
export async function projectsOfApplications(db: Database): Promise<string[]> {
  const project = bytewise(sql`a.project`);
  const { rows } = await db.execute<{ project: string }>(sql`
    with recursive found (project) as (
      (select ${project} from ${applications} a order by 1 limit 1)
      union all
      select (select ${project} from ${applications} a where ${project} > found.project order by 1 limit 1)
      from found where found.project is not null
    )
    select project from found where project is not null`);
  return rows.map((row) => row.project);
}
