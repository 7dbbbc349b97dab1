import { eq, inArray, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { loadRows } from '../load-together.ts';
import { renders } from '../schema/manifest.ts';

export type RenderRow = typeof renders.$inferSelect;

/** A render as it is stored; `lastsSeconds` is how long an impure one counts as equal. */
export type NewRender = Pick<RenderRow, 'renderKey' | 'revision' | 'sourceTypes' | 'objects' | 'warnings'> &
  Partial<Pick<RenderRow, 'inputs' | 'scopes'>> & { readonly lastsSeconds?: number | undefined };

/**
 * Stores a render under its key. A row that is there already wins if it holds the same; otherwise it keeps its id, since
 * operations name it, and loses its key.
 */
export async function storeRender(db: Database, { lastsSeconds, ...render }: NewRender): Promise<RenderRow> {
  const expiresAt = lastsSeconds === undefined ? null : sql`now() + make_interval(secs => ${lastsSeconds})`;
  const same = sql`${renders.objects} = excluded.objects and ${renders.warnings} = excluded.warnings
    and ${renders.scopes} = excluded.scopes`;
  const store = async (): Promise<RenderRow | undefined> => {
    const [row] = await db
      .insert(renders)
      .values({ ...render, expiresAt: expiresAt as never })
      .onConflictDoUpdate({
        target: renders.renderKey,
        set: { expiresAt: sql`excluded.expires_at`, inputs: sql`excluded.inputs` },
        setWhere: same,
      })
      .returning();
    return row;
  };
  for (;;) {
    const row = await store();
    if (row !== undefined) return row;
    await db
      .update(renders)
      .set({ renderKey: sql`${renders.renderKey} || '/' || ${renders.id}::text` })
      .where(eq(renders.renderKey, render.renderKey));
  }
}

/** A render by the first of these keys that has one which still counts. */
export async function findRender(db: Database, ...keys: readonly string[]): Promise<RenderRow | undefined> {
  const rows = await db
    .select()
    .from(renders)
    .where(sql`${inArray(renders.renderKey, [...keys])} and coalesce(${renders.expiresAt} > now(), true)`);
  return keys.flatMap((key) => rows.find(({ renderKey }) => renderKey === key) ?? [])[0];
}

export const getRender = loadRows(
  (db) =>
    db
      .select()
      .from(renders)
      .where(sql`${renders.id} = any(${sql.placeholder('ids')}::uuid[])`)
      .prepare('renders_by_ids'),
  (row) => row.id,
);
