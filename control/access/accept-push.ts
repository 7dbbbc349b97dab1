import type { PushNotice } from '../../core/git/webhook/push.ts';
import { acceptDelivery, type DeliveryKey, settleDelivery } from '../../db/queries/repository/webhook.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Control } from '../context.ts';
import { sendHint } from '../hint.ts';

/** Stores a push, once however often it is delivered, and has what it concerns looked at afterwards. */
export async function acceptPush(
  control: Pick<Control, 'db' | 'engine' | 'log'>,
  key: DeliveryKey,
  push: PushNotice,
): Promise<void> {
  if (!(await acceptDelivery(control.db, key, push))) return;
  // The delivery is stored: should this process die now, a worker's sweeper settles it.
  sendHint(control, settlePush(control, key));
}

/** Has looked at what a stored delivery concerns; may be called any number of times. */
export async function settlePush(
  {
    db,
    engine,
  }: Pick<Control, 'db'> & { readonly engine: Pick<Engine, 'refreshRepository' | 'refreshApplications'> },
  key: DeliveryKey,
): Promise<void> {
  const { repositoryIds, applicationIds } = await settleDelivery(db, key);
  await Promise.all([
    ...repositoryIds.map((id) => engine.refreshRepository(id)),
    engine.refreshApplications(applicationIds),
  ]);
}
