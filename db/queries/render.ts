import { eq, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { renders } from '../schema/manifest.ts';

export type RenderRow = typeof renders.$inferSelect;

/** Stores a render under its key; the row that is there already wins. */
export async function storeRender(
  db: Database,
  render: Pick<RenderRow, 'renderKey' | 'revision' | 'sourceTypes' | 'objects' | 'warnings'>,
): Promise<RenderRow> {
  const [row] = await db
    .insert(renders)
    .values(render)
    .onConflictDoUpdate({ target: renders.renderKey, set: { renderKey: sql`excluded.render_key` } })
    .returning();
  return row as RenderRow;
}

export async function findRender(db: Database, renderKey: string): Promise<RenderRow | undefined> {
  const [row] = await db.select().from(renders).where(eq(renders.renderKey, renderKey));
  return row;
}

export async function getRender(db: Database, id: string): Promise<RenderRow | undefined> {
  const [row] = await db.select().from(renders).where(eq(renders.id, id));
  return row;
}
