import { eq, getTableColumns, sql } from 'drizzle-orm';
import { formatJson } from '../../../core/object/json/json.ts';
import { storableText } from '../../../core/text/storable-text.ts';
import { builtOnce } from '../../built-once.ts';
import type { Database } from '../../client.ts';
import { loadTogether } from '../../load-together.ts';
import { manifests, renderFailures, renders } from '../../schema/manifest.ts';
import { loadRowsBy } from '../rows-by.ts';
import { preciseToSeconds, type SealedManifest } from './manifest.ts';
import { isPaused } from './render-failure.ts';

export type RenderRow = typeof renders.$inferSelect;

/** A render as it is stored; `lastsSeconds` is how long an impure one counts as equal. */
export type NewRender = Pick<RenderRow, 'renderKey' | 'revision' | 'sourceTypes' | 'objects' | 'warnings'> &
  Partial<Pick<RenderRow, 'inputs' | 'scopes'>> & { readonly lastsSeconds?: number | undefined };

/**
 * Stores a render under its key with those of its manifests that may not be stored yet, and forgets that it has failed. A
 * row that is there already wins if it holds the same; otherwise it keeps its id, since operations name it, and loses
 * its key.
 */
export async function storeRender(
  db: Database,
  { inputs, scopes = {}, lastsSeconds, ...render }: NewRender,
  sealed: readonly SealedManifest[] = [],
  staleSeconds: number = preciseToSeconds,
): Promise<RenderRow> {
  const values = {
    ...render,
    // Tools quote in them what they read.
    warnings: render.warnings.map(storableText),
    scopes,
    inputs: inputs ? formatJson(inputs) : null,
    lastsSeconds: lastsSeconds ?? null,
    staleSeconds,
    digests: sealed.map(({ digest }) => digest),
    contents: sealed.map((one) => one.sealed),
  };
  for (;;) {
    const [row] = await upsert(db).execute(values);
    if (row !== undefined) return row;
    await db
      .update(renders)
      .set({ renderKey: sql`${renders.renderKey} || '/' || ${renders.id}::text` })
      .where(eq(renders.renderKey, render.renderKey));
  }
}

const upsert = builtOnce((db) => {
  const stored = db.$with('stored', {}).as(sql`insert into ${manifests} (digest, sealed)
    select * from unnest(${sql.placeholder('digests')}::text[], ${sql.placeholder('contents')}::bytea[])
    on conflict (digest) do update set used_at = now()
    where ${manifests.usedAt} < now() - make_interval(secs => ${sql.placeholder('staleSeconds')}::double precision)`);
  const forgotten = db.$with('forgotten', {}).as(sql`delete from ${renderFailures}
    where render_key = ${sql.placeholder('renderKey')}::text`);
  return db
    .with(stored, forgotten)
    .insert(renders)
    .values({
      renderKey: sql.placeholder('renderKey'),
      revision: sql.placeholder('revision'),
      sourceTypes: sql.placeholder('sourceTypes'),
      objects: sql.placeholder('objects'),
      warnings: sql.placeholder('warnings'),
      inputs: sql`${sql.placeholder('inputs')}::jsonb`,
      scopes: sql.placeholder('scopes'),
      expiresAt: sql`now() + make_interval(secs => ${sql.placeholder('lastsSeconds')}::double precision)`,
    })
    .onConflictDoUpdate({
      target: renders.renderKey,
      set: { expiresAt: sql`excluded.expires_at`, inputs: sql`excluded.inputs`, usedAt: sql`now()` },
      setWhere: sql`${renders.objects} = excluded.objects and ${renders.warnings} = excluded.warnings
        and ${renders.scopes} = excluded.scopes`,
    })
    .returning()
    .prepare('store_render');
});

/** Says that a stored render is about to be named again, so that it isn't forgotten meanwhile; false where it is gone. */
export async function markUsed(db: Database, id: string): Promise<boolean> {
  const rows = await db
    .update(renders)
    .set({ usedAt: sql`now()` })
    .where(eq(renders.id, id))
    .returning({ id: renders.id });
  return rows.length > 0;
}

/** What is known of a render that is wanted. */
export type KnownRender = {
  /** The one by the first of its keys that has one which still counts. */
  readonly render?: RenderRow | undefined;
  /** The error of its last try, while it is left alone. */
  readonly paused?: string | undefined;
};

/** What is known of a render by its keys, the first one first. */
export async function knownRender(db: Database, ...keys: readonly string[]): Promise<KnownRender> {
  return (await loadKnown(db, keys.join(' '))) ?? {};
}

const loadKnown = loadTogether<KnownRender>(async (db, wanted) => {
  const keysOf = (one: string): string[] => one.split(' ');
  const rows = await byKeys(db).execute({ keys: [...new Set(wanted.flatMap(keysOf))] });
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return new Map(
    wanted.map((one) => {
      const found = keysOf(one).flatMap((key) => byKey.get(key) ?? []);
      const render = found.find((row) => row.render !== null)?.render ?? undefined;
      return [one, { render, paused: found.find((row) => row.paused !== null)?.paused ?? undefined }];
    }),
  );
});

const byKeys = builtOnce((db) =>
  db
    .select({
      key: sql<string>`wanted.key`,
      render: getTableColumns(renders),
      paused: renderFailures.message,
    })
    .from(sql`unnest(${sql.placeholder('keys')}::text[]) as wanted (key)`)
    .leftJoin(
      renders,
      sql`${renders.renderKey} = wanted.key and coalesce(${renders.expiresAt} > now(), true)`,
    )
    .leftJoin(renderFailures, sql`${renderFailures.renderKey} = wanted.key and ${isPaused}`)
    .prepare('known_renders'),
);

export const getRender = loadRowsBy(renders, 'id');
