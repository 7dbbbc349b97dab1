import { KeelsonError } from '../core/errors.ts';
import { canonicalJson, sameJson } from '../core/object/json/canonical.ts';
import { ownField } from '../core/own-field.ts';
import { restoreHidden } from '../core/settings/words/hidden-words.ts';
import {
  formatSettingsProblem,
  type SettingsProblem,
  type SettingsWords,
  settingMapNames,
} from '../core/settings/words/problem.ts';
import { readSettings } from '../core/settings/words/read-settings.ts';
import { requestAllRefreshes } from '../db/queries/application/refresh-request.ts';
import { recordAudit } from '../db/queries/installation/audit.ts';
import {
  changeSettingsWords,
  type KeptWords,
  keepGoodPolicies,
  readSettingsWords,
} from '../db/queries/installation/settings-words.ts';
import { type Author, auditOf, type Control } from './context.ts';
import { refuseOwned } from './settings/refuse-owned.ts';
import type { HomeSettings } from './settings/write/settings-port.ts';
import { writeWords } from './settings/write/write-words.ts';

type SettingsStore = Pick<Control, 'db' | 'homeSettings' | 'keyring'>;

/** What a change of the words came to. */
export type SettingsChange = { readonly changed: boolean; readonly problems: readonly SettingsProblem[] };

/**
 * Puts new words in force: the ConfigMaps that are given replace those of their name, the other stays. Words that
 * can't be read are refused as a whole; with `partial` only those without which other objects would be ours or in
 * sight, and the rest of the bad keys are left out.
 */
export function putSettings(
  store: SettingsStore,
  words: SettingsWords,
  author: Author,
  { partial }: { readonly partial: boolean },
): Promise<SettingsChange> {
  const { db, homeSettings, keyring } = store;
  if (homeSettings !== undefined) {
    return putInMaps({ ...store, homeSettings }, author, 'settings.update', ({ current }) => {
      const read = readWanted(words, current);
      refuse(read.problems, partial);
      return read;
    });
  }
  return db.transaction(async (tx) => {
    await refuseOwned(tx, 'words', ({ name }) => ownField<unknown>(words, name) !== undefined);
    let problems: readonly SettingsProblem[] = [];
    const change = await changeSettingsWords(tx, keyring, ({ current }) => {
      const read = readWanted(words, current);
      problems = read.problems;
      refuse(problems, partial);
      return { ...current, ...read.words };
    });
    if (change.changed) await followSettingsChange({ ...store, db: tx }, change, author, 'settings.update');
    return { changed: change.changed, problems };
  });
}

/** Brings back the words before the last change; done twice it changes nothing. */
export function rollBackSettings(store: SettingsStore, author: Author): Promise<SettingsChange> {
  const { db, homeSettings, keyring } = store;
  if (homeSettings !== undefined) {
    return putInMaps({ ...store, homeSettings }, author, 'settings.rollback', (kept) => {
      const words = wordsBefore(kept);
      const { problems } = readSettings(words);
      refuse(problems, true);
      return { words: { ...emptied(kept.current), ...words }, problems };
    });
  }
  return db.transaction(async (tx) => {
    await refuseOwned(tx, 'words');
    const change = await changeSettingsWords(tx, keyring, wordsBefore);
    const { problems } = readSettings(change.words);
    refuse(problems, true);
    if (change.changed) await followSettingsChange({ ...store, db: tx }, change, author, 'settings.rollback');
    return { changed: change.changed, problems };
  });
}

/** Has the ConfigMaps of the home cluster say what is wanted; what of it comes into force is judged as everywhere. */
async function putInMaps(
  { db, keyring, homeSettings }: SettingsStore & { readonly homeSettings: HomeSettings },
  author: Author,
  action: string,
  wantedOf: (kept: KeptWords) => {
    readonly words: SettingsWords;
    readonly problems: readonly SettingsProblem[];
  },
): Promise<SettingsChange> {
  const kept = await readSettingsWords(db, keyring);
  const { words, problems } = wantedOf(kept);
  await writeWords(homeSettings, kept.current, words, { author, action });
  const { current } = await readSettingsWords(db, keyring);
  return { changed: !sameJson(filled(current), filled(kept.current)), problems };
}

function wordsBefore({ previous }: KeptWords): SettingsWords {
  if (previous !== undefined) return previous;
  throw new KeelsonError(
    'precondition-failed',
    'settings were never changed; there is nothing to go back to',
  );
}

/** A ConfigMap without keys says the same as one that is not there. */
function filled(words: SettingsWords): readonly Readonly<Record<string, string>>[] {
  return settingMapNames.map((name) => words[name] ?? {});
}

function emptied(words: SettingsWords): SettingsWords {
  return Object.fromEntries(Object.keys(words).map((name) => [name, {}]));
}

function readWanted(
  words: SettingsWords,
  current: SettingsWords,
): { words: SettingsWords; problems: SettingsProblem[] } {
  const problems: SettingsProblem[] = [];
  const full = restoreHidden(words, current, (configMap, key) => (message) => {
    problems.push({ configMap, key, message, weight: 'unsafe' });
  });
  return { words: full, problems: [...problems, ...readSettings(full).problems] };
}

function refuse(problems: readonly SettingsProblem[], partial: boolean): void {
  const reasons = problems.filter(({ weight }) => weight === 'unsafe' || (weight === 'invalid' && !partial));
  if (reasons.length === 0) return;
  throw new KeelsonError(
    'invalid-argument',
    `settings were not changed; ${reasons.map(formatSettingsProblem).join('; ')}`,
  );
}

/** What follows from other words: the audit, the bounds of rights, marks that are written anew. */
export async function followSettingsChange(
  { db, keyring }: SettingsStore,
  { kept: { current: before }, words: after }: Awaited<ReturnType<typeof changeSettingsWords>>,
  author: Author,
  action: string,
): Promise<void> {
  const keys = settingMapNames.flatMap((name) => changedKeys(before[name] ?? {}, after[name] ?? {}));
  const digest = (words: SettingsWords): string => keyring.digest(canonicalJson(filled(words)));
  await recordAudit(
    db,
    auditOf(author, {
      action,
      object: 'settings',
      before: digest(before),
      after: digest(after),
      details: { keys },
    }),
  );
  // Whatever reads them bounds by these what the new ones grant.
  if (haveBadPolicies(after) && !haveBadPolicies(before)) {
    await keepGoodPolicies(db, keyring, before['argocd-rbac-cm'] ?? {});
  }
  // What is rendered already carries the old marks of ownership.
  if (!sameJson(readSettings(before).settings.tracking, readSettings(after).settings.tracking)) {
    await requestAllRefreshes(db);
  }
}

function haveBadPolicies(words: SettingsWords): boolean {
  const { problems } = readSettings(words);
  return problems.some(({ configMap, weight }) => configMap === 'argocd-rbac-cm' && weight !== 'unused');
}

function changedKeys(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => ownField(before, key) !== ownField(after, key))
    .sort();
}
