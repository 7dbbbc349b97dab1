import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { sameJson } from '../../../core/object/json/canonical.ts';
import { formatJson, parseJson } from '../../../core/object/json/json.ts';
import { type SettingsWords, settingMapNames } from '../../../core/settings/words/problem.ts';
import type { Keyring } from '../../../platform/encryption.ts';
import type { Database } from '../../client.ts';
import { settings } from '../../schema/record.ts';
import { recordChange } from '../application/change.ts';
import { createSetting, readSettingsNamed, writeSetting } from './setting.ts';

/** The words in force and those before them, which a rollback brings back. */
export type KeptWords = {
  readonly current: SettingsWords;
  readonly previous: SettingsWords | undefined;
  /** The last words about rights that had no problem; undefined where there were never others. */
  readonly goodPolicies: Readonly<Record<string, string>> | undefined;
};

const previousKey = 'settings/previous';
const goodPoliciesKey = 'settings/good-policies';
const Data = z.record(z.string(), z.string());
const Words = z.object({
  'argocd-cm': Data.exactOptional(),
  'argocd-cmd-params-cm': Data.exactOptional(),
  'argocd-cmp-cm': Data.exactOptional(),
  'argocd-rbac-cm': Data.exactOptional(),
});

/** The words of the ConfigMaps that set this installation. */
export async function readSettingsWords(db: Database, keyring: Keyring): Promise<KeptWords> {
  const stored = await readSettingsNamed(db, keyring, [...settingMapNames, previousKey, goodPoliciesKey]);
  const { [previousKey]: previous, [goodPoliciesKey]: goodPolicies, ...maps } = stored;
  const current = Object.entries(maps).map(([name, text]) => [name, parseJson(text)]);
  return {
    current: Words.parse(Object.fromEntries(current)),
    previous: previous === undefined ? undefined : Words.parse(parseJson(previous)),
    goodPolicies: goodPolicies === undefined ? undefined : Data.parse(parseJson(goodPolicies)),
  };
}

/**
 * Replaces the words by what `choose` makes of those in force, keeps the latter, and announces the change; nothing
 * happens when they are the same. Call it in a transaction: others that change them wait for its end.
 */
export async function changeSettingsWords(
  db: Database,
  keyring: Keyring,
  choose: (kept: KeptWords) => SettingsWords,
): Promise<{ readonly changed: boolean; readonly kept: KeptWords; readonly words: SettingsWords }> {
  const [lockKey] = settingMapNames;
  await createSetting(db, keyring, lockKey, '{}');
  await db.select().from(settings).where(eq(settings.key, lockKey)).for('update');
  const kept = await readSettingsWords(db, keyring);
  const words = choose(kept);
  if (sameJson(filled(words), filled(kept.current))) return { changed: false, kept, words };
  for (const name of settingMapNames) {
    await writeSetting(db, keyring, name, formatJson(words[name] ?? {}));
  }
  await writeSetting(db, keyring, previousKey, formatJson(kept.current));
  await recordChange(db, { type: 'MODIFIED', topic: 'settings' });
  return { changed: true, kept, words };
}

/** Keeps words about rights that had no problem, for as long as those that follow have one. */
export async function keepGoodPolicies(
  db: Database,
  keyring: Keyring,
  words: Readonly<Record<string, string>>,
): Promise<void> {
  await writeSetting(db, keyring, goodPoliciesKey, formatJson(words));
}

/** An absent ConfigMap says the same as an empty one. */
function filled(words: SettingsWords): SettingsWords {
  return Object.fromEntries(settingMapNames.map((name) => [name, words[name] ?? {}]));
}
