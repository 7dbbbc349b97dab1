import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { formatJson, parseJson } from '../../../core/object/json/json.ts';
import type { Keyring } from '../../../platform/encryption.ts';
import type { Database } from '../../client.ts';
import { createSetting, readSetting, writeSetting } from './setting.ts';

const idKey = 'installation/id';

/** The id of this installation: made once, the same for all its processes and as long as its database. */
export async function installationId(db: Database, keyring: Keyring): Promise<string> {
  const known = await readSetting(db, keyring, idKey);
  if (known !== undefined) return known;
  await createSetting(db, keyring, idKey, randomUUID());
  return installationId(db, keyring);
}

const ClusterObservation = z.object({ at: z.iso.datetime(), lines: z.array(z.string()) });

/** What a session found of other installations on its cluster, as lines for people, and when it looked. */
export type ClusterObservation = { readonly at: Date; readonly lines: readonly string[] };

const lookKey = (clusterId: string): string => `installation/look/${clusterId}`;

/** Keeps the newest look at a cluster. */
export async function saveClusterObservation(
  db: Database,
  keyring: Keyring,
  clusterId: string,
  { at, lines }: ClusterObservation,
): Promise<void> {
  await writeSetting(db, keyring, lookKey(clusterId), formatJson({ at: at.toISOString(), lines }));
}

/** The newest look at a cluster; undefined before the first. */
export async function readClusterObservation(
  db: Database,
  keyring: Keyring,
  clusterId: string,
): Promise<ClusterObservation | undefined> {
  const text = await readSetting(db, keyring, lookKey(clusterId));
  if (text === undefined) return undefined;
  const { at, lines } = ClusterObservation.parse(parseJson(text));
  return { at: new Date(at), lines };
}
