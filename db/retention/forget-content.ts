import { inArray, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { actionSeconds } from '../queries/installation/action.ts';
import { applicationStatus } from '../schema/application.ts';
import { manifests, renders } from '../schema/manifest.ts';
import { operations, plans } from '../schema/operation.ts';
import { audit } from '../schema/record.ts';
import { before } from '../times.ts';

const rendersAtOnce = 500;

/** Manifests are small and many. */
const manifestsAtOnce = 5000;

/**
 * Drops renders that neither an application nor an operation names, and then manifests that no render, no plan and no
 * action that may still run names and nobody has uploaded for what still runs, so long after their last use. Whoever is
 * about to name one has used it just before, so none goes under hands; a row that somebody is naming this moment is
 * locked and passed over. Answers whether there may be more.
 */
export async function forgetContent(db: Database, graceSeconds: number): Promise<boolean> {
  const old = before(graceSeconds);
  const unnamed = db
    .select({ id: renders.id })
    .from(renders)
    .where(sql`${renders.usedAt} < ${old}
      and not exists (select from ${applicationStatus} s where s.desired_render_id = ${renders.id})
      and not exists (select from ${operations} o where o.render_id = ${renders.id})`)
    .limit(rendersAtOnce)
    .for('update', { skipLocked: true });
  const dropped = await db.delete(renders).where(inArray(renders.id, unnamed));
  const { rowCount } = await db.execute(sql`
    with named as materialized (
      select jsonb_array_elements(r.objects) ->> 'digest' as digest from ${renders} r
      union select jsonb_array_elements(p.plan -> 'steps') ->> 'digest' from ${plans} p
      union select jsonb_array_elements_text(o.request -> 'manifests') from ${operations} o where o.finished_at is null
      union select jsonb_array_elements(a.details -> 'writes') ->> 'digest' from ${audit} a
        where a.action = 'resource.action.start' and a.at > ${before(2 * actionSeconds)}
    ), unnamed as (
      select m.digest from ${manifests} m
      where m.used_at < ${old} and not exists (select from named where named.digest = m.digest)
      limit ${manifestsAtOnce} for update skip locked
    )
    delete from ${manifests} m using unnamed where m.digest = unnamed.digest and m.used_at < ${old}`);
  return dropped.rowCount === rendersAtOnce || rowCount === manifestsAtOnce;
}
