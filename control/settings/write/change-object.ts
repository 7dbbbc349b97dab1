import { apiWrite } from '../../../core/home/home-cluster.ts';
import type { SettingsRef } from '../../../core/home/settings/settings-object.ts';
import { sameJson } from '../../../core/object/json/canonical.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import type { HomeObjects } from '../../home/context.ts';
import { isTaken, untilNotOvertaken } from '../../home/overtaken.ts';
import type { ChangeOf } from './settings-port.ts';

/** What a change came to. */
export type Written =
  | { readonly outcome: 'written'; readonly object: Manifest }
  | { readonly outcome: 'removed' }
  | { readonly outcome: 'same' };

/** Reads, changes and writes an object until nobody comes between. */
export function changeObject(client: HomeObjects, ref: SettingsRef, changeOf: ChangeOf): Promise<Written> {
  return untilNotOvertaken(() => tryChange(client, ref, changeOf));
}

async function tryChange(client: HomeObjects, ref: SettingsRef, changeOf: ChangeOf): Promise<Written> {
  const key = { group: '', ...ref };
  const live = await client.get('v1', key);
  const wanted = changeOf(live);
  if (sameJson(live ?? null, wanted ?? null)) return { outcome: 'same' };
  if (wanted === undefined) {
    const { uid, resourceVersion } = live?.metadata ?? {};
    await client.delete('v1', key, { uid, resourceVersion });
    return { outcome: 'removed' };
  }
  if (live !== undefined) return { outcome: 'written', object: await client.replace(wanted, apiWrite) };
  try {
    return { outcome: 'written', object: await client.create(wanted, apiWrite) };
  } catch (error) {
    // Somebody made it meanwhile: it is changed instead.
    if (!isTaken(error)) throw error;
    return tryChange(client, ref, changeOf);
  }
}
