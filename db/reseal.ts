import { type SQL, sql } from 'drizzle-orm';
import { ownField } from '../core/own-field.ts';
import type { Keyring, SealPurpose } from '../platform/encryption.ts';
import { associatedDataOf } from './associated-data.ts';
import type { Database } from './client.ts';

type SealedColumn = {
  readonly purpose: SealPurpose;
  readonly sealed: string;
  readonly key: string;
  readonly keyType: 'text' | 'uuid';
  /** Columns that a row's place is made of. */
  readonly columns: readonly string[];
  /** Rows that one transaction seals anew. */
  readonly batch: number;
};

/** A table with a sealed column. */
export type SealedTable = keyof typeof associatedDataOf;

/** Every sealed column that there is; those are first without which nothing starts. */
export const sealedColumns: Readonly<Record<SealedTable, SealedColumn>> = {
  settings: column({ purpose: 'setting', key: 'key', keyType: 'text' }),
  clusters: column({ purpose: 'credentials', sealed: 'credentials', columns: ['server'] }),
  repositories: column({ purpose: 'credentials', sealed: 'credentials', columns: ['url', 'project'] }),
  repository_templates: column({
    purpose: 'credentials',
    sealed: 'credentials',
    key: 'url',
    keyType: 'text',
  }),
  home_settings: column({ purpose: 'setting', columns: ['kind', 'namespace', 'name'] }),
  // An archive may have 100 MB.
  uploads: column({ purpose: 'manifest', sealed: 'content', batch: 1 }),
  manifests: column({ purpose: 'manifest', key: 'digest', keyType: 'text' }),
};

function column(given: Partial<SealedColumn> & Pick<SealedColumn, 'purpose'>): SealedColumn {
  const key = given.key ?? 'id';
  return { sealed: 'sealed', keyType: 'uuid', columns: [key], batch: 200, ...given, key };
}

/** Number of a table's rows that aren't sealed as new ones are. */
export async function countStale(db: Database, keyring: Keyring, table: SealedTable): Promise<number> {
  const { rows } = await db.execute<{ stale: number }>(
    sql`select count(*)::int as stale from ${sql.identifier(table)} where ${isStale(table, keyring)}`,
  );
  return rows[0]?.stale ?? 0;
}

/**
 * Seals the rows of a table anew that aren't sealed as new ones are, and says after each batch how many it were. What
 * is done stays done when it is broken off; whoever else writes a row of a batch waits for the batch.
 */
export async function* reseal(db: Database, keyring: Keyring, table: SealedTable): AsyncGenerator<number> {
  let after: string | undefined;
  for (;;) {
    const ids = await db.transaction((tx) => resealBatch(tx, keyring, table, after));
    if (ids.length === 0) return;
    yield ids.length;
    after = ids.at(-1);
  }
}

type Row = { readonly key_: string; readonly sealed_: Buffer } & Readonly<Record<string, unknown>>;

async function resealBatch(
  tx: Database,
  keyring: Keyring,
  table: SealedTable,
  after: string | undefined,
): Promise<string[]> {
  const { purpose, sealed, key, keyType, columns, batch } = sealedColumns[table];
  const [name, keyName, sealedName] = [table, key, sealed].map((word) => sql.identifier(word));
  const type = sql.raw(keyType);
  const later = after === undefined ? sql`` : sql`and ${keyName} > ${after}::${type}`;
  const placed = sql.join(
    columns.map((word) => sql.identifier(word)),
    sql`, `,
  );
  const { rows } =
    await tx.execute<Row>(sql`select ${keyName}::text as key_, ${sealedName} as sealed_, ${placed}
    from ${name} where ${isStale(table, keyring)} ${later} order by ${keyName} limit ${batch} for update`);
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.key_);
  const anew = rows.map((row) => {
    const place = placeOfRow(table, row);
    return keyring.seal(purpose, place, keyring.open(purpose, place, row.sealed_));
  });
  await tx.execute(sql`update ${name} set ${sealedName} = v.anew
    from unnest(${sql.param(ids)}::${type}[], ${sql.param(anew)}::bytea[]) v (id, anew)
    where ${name}.${keyName} = v.id`);
  return ids;
}

/** A table reads the columns of its own; the others have not been selected. */
function placeOfRow(table: SealedTable, row: Row): string {
  const text = (name: string): string => String(ownField(row, name) ?? '');
  return associatedDataOf[table]({
    ...{ server: text('server'), url: text('url'), project: text('project') },
    ...{ key: text('key'), digest: text('digest'), id: text('id') },
    ...{ kind: text('kind'), namespace: text('namespace'), name: text('name') },
  });
}

function isStale(table: SealedTable, keyring: Keyring): SQL {
  const { sealed } = sealedColumns[table];
  const { currentPrefix } = keyring;
  return sql`substring(${sql.identifier(sealed)} from 1 for ${currentPrefix.length}::int) <> ${currentPrefix}`;
}
