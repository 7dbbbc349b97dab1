import { getTableColumns, getTableName, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../client.ts';
import { loadRows } from '../load-together.ts';

/** Reads a row of a table by a column of which no two rows have one value; many that ask at once share a statement. */
export function loadRowsBy<Table extends PgTable, Key extends keyof Table['$inferSelect'] & string>(
  table: Table,
  key: Key,
): (db: Database, id: string) => Promise<Table['$inferSelect'] | undefined> {
  const columns: Record<string, PgColumn> = getTableColumns(table);
  const column = columns[key] as PgColumn;
  return loadRows<Table['$inferSelect']>(
    (db) =>
      db
        .select(columns)
        .from(table as PgTable)
        .where(sql`${column} = any(${sql.placeholder('ids')}::${sql.raw(column.getSQLType())}[])`)
        .prepare(`${getTableName(table)}_by_${column.name}`),
    (row) => String(row[key]),
  );
}
