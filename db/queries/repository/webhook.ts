import { and, asc, eq, isNull, lt, sql } from 'drizzle-orm';
import { sourcesOf } from '../../../core/application/source/source.ts';
import { concernsSource, type PushNotice } from '../../../core/git/webhook/push.ts';
import type { Database } from '../../client.ts';
import { applications } from '../../schema/application.ts';
import { webhookDeliveries } from '../../schema/repository.ts';
import { before } from '../../times.ts';
import { requestRefreshes } from '../application/refresh-request.ts';
import { recordAudit } from '../installation/audit.ts';
import { makeDue } from './due.ts';

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

/** What a delivery asks for: a check of repositories, and a refresh of applications whose repository is not known. */
export type SettledDelivery = {
  readonly repositoryIds: readonly string[];
  readonly applicationIds: readonly string[];
};

/**
 * Makes the repositories due that a stored delivery concerns, those that applications follow at what was pushed, once
 * however often it is called; answers with them. Which applications change is found out by the check.
 */
export async function settleDelivery(db: Database, key: DeliveryKey): Promise<SettledDelivery> {
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
    if (delivery === undefined) return { repositoryIds: [], applicationIds: [] };
    const push = {
      repositoryUrls: delivery.repositoryUrls,
      refs: delivery.ref.split(betweenRefs),
      defaultBranch: delivery.defaultBranch ?? undefined,
    };
    const rows = await tx.select({ id: applications.id, spec: applications.spec }).from(applications);
    const concerned = rows.flatMap(({ id, spec }) => {
      const urls = sourcesOf(spec).flatMap((one) => (concernsSource(push, one) ? [one.repoURL] : []));
      return urls.length === 0 ? [] : [{ id, urls }];
    });
    const repositories = await makeDue(tx, [...new Set(concerned.flatMap(({ urls }) => urls))]);
    const known = new Set(repositories.map(({ url }) => url));
    const others = concerned.filter(({ urls }) => urls.some((url) => !known.has(url)));
    const applicationIds = others.map(({ id }) => id);
    await requestRefreshes(tx, applicationIds);
    await recordAudit(tx, {
      actor: `webhook:${key.provider}`,
      action: 'webhook.push',
      object: delivery.repositoryUrls[0] ?? '',
      details: { ref: delivery.ref, applications: concerned.length },
    });
    return { repositoryIds: repositories.map(({ id }) => id), applicationIds };
  });
}

/** Deliveries that were stored and answered, and that nobody settled for `olderThanSeconds`: their server died. */
export function unsettledDeliveries(db: Database, olderThanSeconds: number): Promise<DeliveryKey[]> {
  return db
    .select({ provider: webhookDeliveries.provider, deliveryId: webhookDeliveries.deliveryId })
    .from(webhookDeliveries)
    .where(and(isNull(webhookDeliveries.doneAt), lt(webhookDeliveries.receivedAt, before(olderThanSeconds))))
    .orderBy(asc(webhookDeliveries.receivedAt))
    .limit(100);
}
