import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { webhookDeliveries } from '../schema/repository.ts';

export type WebhookDelivery = Pick<
  typeof webhookDeliveries.$inferSelect,
  'provider' | 'deliveryId' | 'repositoryUrls' | 'ref' | 'defaultBranch'
>;

/** Stores a delivery; answers whether it is new. One seen before is to be acknowledged and left alone. */
export async function acceptDelivery(db: Database, delivery: WebhookDelivery): Promise<boolean> {
  const accepted = await db
    .insert(webhookDeliveries)
    .values(delivery)
    .onConflictDoNothing()
    .returning({ id: webhookDeliveries.deliveryId });
  return accepted.length > 0;
}

/** Records that every matching application was marked for refresh. */
export async function completeDelivery(
  db: Database,
  delivery: Pick<WebhookDelivery, 'provider' | 'deliveryId'>,
): Promise<void> {
  await db
    .update(webhookDeliveries)
    .set({ doneAt: sql`now()` })
    .where(
      and(
        eq(webhookDeliveries.provider, delivery.provider),
        eq(webhookDeliveries.deliveryId, delivery.deliveryId),
      ),
    );
}
