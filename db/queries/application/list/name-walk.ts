import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../../client.ts';
import { applications } from '../../../schema/application.ts';
import { conditionOf, conditionWithoutNames, inOrder, type Listing, type PageKey } from './listing.ts';
import { isGranted } from './visible.ts';

/** How many names are walked. What isn't among so many is rare, and is looked for in all the others at once. */
const walked = 2_000;

/**
 * The ids of the first applications of a list that patterns of names decide on, after a key, in the order of lists. The
 * database can't estimate how many names fit a pattern; it expects few, and reads and sorts all of them for each page:
 * 140 ms at 50,000 applications. So some names are walked in their order, and that ends once there are enough: 0.2 ms
 * where half of them fit. Both queries see one state where the database is a transaction that does.
 */
export async function walkNames(
  db: Database,
  listing: Listing,
  after: PageKey | undefined,
  limit: number,
): Promise<string[]> {
  const names = namesFrom(listing, after);
  const near = await db.execute<{ id: string }>(sql`select id from (${names}) as ${applications}
    where ${isGranted(listing.filter, listing.home)} order by ${inOrder} limit ${limit}`);
  const found = near.rows.map(({ id }) => id);
  if (found.length >= limit) return found;
  const [last] = (
    await db.execute<PageKey>(sql`select name, namespace from (${names}) names offset ${walked - 1}`)
  ).rows;
  if (last === undefined) return found;
  const far = await db.execute<{ id: string }>(keysOf(listing, last, limit - found.length));
  return [...found, ...far.rows.map(({ id }) => id)];
}

/** So many ids of a list after a key, in the order of lists. */
export function keysOf(listing: Listing, after: PageKey | undefined, limit: number): SQL {
  return sql`select ${applications.id} from ${applications}
    where ${conditionOf(listing, after)} order by ${inOrder} limit ${limit}`;
}

/** The names to walk, by projects alone: the limit keeps the patterns out of their plan. */
function namesFrom(listing: Listing, after: PageKey | undefined): SQL {
  const { id, name, namespace, project } = applications;
  // Written out: a plan that is kept for any limit would be one for a tenth of all rows.
  return sql`select ${id}, ${name}, ${namespace}, ${project} from ${applications}
    where ${conditionWithoutNames(listing, after)} order by ${inOrder} limit ${sql.raw(String(walked))}`;
}
