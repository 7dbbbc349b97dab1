import { and, asc, eq, isNull, lt, sql } from 'drizzle-orm';
import { sourcesOf } from '../../core/application/source.ts';
import { concernsSource, type PushNotice } from '../../core/git/webhook/push.ts';
import type { Database } from '../client.ts';
import { applications } from '../schema/application.ts';
import { webhookDeliveries } from '../schema/repository.ts';
import { recordAudit } from './audit.ts';
import { raiseSomeDirty } from './dirty.ts';

/** Names a delivery: what its provider calls it, or a digest of it. */
export type DeliveryKey = Pick<typeof webhookDeliveries.$inferSelect, 'provider' | 'deliveryId'>;

/** No ref has a space in its name. */
const betweenRefs = ' ';

/** Stores a delivery; answers whether it is new. One seen before is to be acknowledged and left alone. */
export async function acceptDelivery(db: Database, key: DeliveryKey, push: PushNotice): Promise<boolean> {
  const accepted = await db
    .insert(webhookDeliveries)
    .values({
      ...key,
      repositoryUrls: [...push.repositoryUrls],
      ref: push.refs.join(betweenRefs),
      defaultBranch: push.defaultBranch ?? null,
    })
    .onConflictDoNothing()
    .returning({ id: webhookDeliveries.deliveryId });
  return accepted.length > 0;
}

/**
 * Asks for a refresh of the applications that a stored delivery concerns, once however often it is called; answers
 * with them.
 */
export async function settleDelivery(db: Database, key: DeliveryKey): Promise<readonly string[]> {
  const isKey = and(
    eq(webhookDeliveries.provider, key.provider),
    eq(webhookDeliveries.deliveryId, key.deliveryId),
  );
  return db.transaction(async (tx) => {
    const [delivery] = await tx
      .update(webhookDeliveries)
      .set({ doneAt: sql`now()` })
      .where(and(isKey, isNull(webhookDeliveries.doneAt)))
      .returning();
    if (delivery === undefined) return [];
    const push = {
      repositoryUrls: delivery.repositoryUrls,
      refs: delivery.ref.split(betweenRefs),
      defaultBranch: delivery.defaultBranch ?? undefined,
    };
    const rows = await tx.select({ id: applications.id, spec: applications.spec }).from(applications);
    const concerned = rows
      .filter((row) => sourcesOf(row.spec).some((source) => concernsSource(push, source)))
      .map((row) => row.id);
    await raiseSomeDirty(tx, concerned);
    await recordAudit(tx, {
      actor: `webhook:${key.provider}`,
      action: 'webhook.push',
      object: delivery.repositoryUrls[0] ?? '',
      details: { ref: delivery.ref, applications: concerned.length },
    });
    return concerned;
  });
}

/** Deliveries that were stored and answered, and that nobody settled for `olderThanSeconds`: their server died. */
export function unsettledDeliveries(db: Database, olderThanSeconds: number): Promise<DeliveryKey[]> {
  return db
    .select({ provider: webhookDeliveries.provider, deliveryId: webhookDeliveries.deliveryId })
    .from(webhookDeliveries)
    .where(
      and(
        isNull(webhookDeliveries.doneAt),
        lt(webhookDeliveries.receivedAt, sql`now() - make_interval(secs => ${olderThanSeconds})`),
      ),
    )
    .orderBy(asc(webhookDeliveries.receivedAt))
    .limit(100);
}

/** Drops deliveries that no provider repeats any more. */
export async function forgetDeliveries(db: Database, olderThanDays: number): Promise<void> {
  await db
    .delete(webhookDeliveries)
    .where(lt(webhookDeliveries.receivedAt, sql`now() - make_interval(days => ${olderThanDays})`));
}
