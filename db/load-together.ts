import { builtOnce } from './built-once.ts';
import type { Database } from './client.ts';

/** Reads the rows of some ids; what is not there has no entry. */
type Read<Row> = (db: Database, ids: readonly string[]) => Promise<ReadonlyMap<string, Row>>;

/** The reads of one database by one function: at most one is under way, the ids of the next are gathered meanwhile. */
type Line<Row> = { busy: boolean; next: Batch<Row> | undefined };

type Batch<Row> = {
  readonly ids: Set<string>;
  readonly rows: Promise<ReadonlyMap<string, Row>>;
  begin(): void;
};

/**
 * Turns a read of rows by their ids into a read of one row. One at a time reads at once; those that ask while a read is
 * under way share the next, so that a crowd costs a few statements instead of one each. No row is older than its
 * question, and an id that can't be read fails no other.
 */
export function loadTogether<Row>(read: Read<Row>): (db: Database, id: string) => Promise<Row | undefined> {
  const lines = new WeakMap<Database, Line<Row>>();
  const lineOf = (db: Database): Line<Row> => {
    const known = lines.get(db);
    if (known !== undefined) return known;
    const line: Line<Row> = { busy: false, next: undefined };
    lines.set(db, line);
    return line;
  };
  const runNext = (line: Line<Row>): void => {
    const { next } = line;
    line.next = undefined;
    line.busy = next !== undefined;
    next?.begin();
  };
  const openBatch = (db: Database, line: Line<Row>): Batch<Row> => {
    const ids = new Set<string>();
    const { promise, resolve } = Promise.withResolvers<void>();
    const rows = promise.then(() => read(db, [...ids]));
    const done = (): void => runNext(line);
    rows.then(done, done);
    return { ids, rows, begin: resolve };
  };
  return async (db, id) => {
    const line = lineOf(db);
    const batch = line.next ?? openBatch(db, line);
    line.next = batch;
    batch.ids.add(id);
    if (!line.busy) runNext(line);
    try {
      return (await batch.rows).get(id);
    } catch (error) {
      if (batch.ids.size === 1) throw error;
      return (await read(db, [id])).get(id);
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
