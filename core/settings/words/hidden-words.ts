import { ownField } from '../../own-field.ts';
import type { Report, SettingMapName, SettingsWords } from './problem.ts';
import { settingMapNames } from './problem.ts';

/** Stands for a value that isn't shown; putting it back keeps the value. */
export const hiddenWord = '(hidden)';

/** Keys whose values may hold credentials, by their own name or in the YAML that they are. */
const sensitive =
  /^(dex\.config|oidc\.config|repositories|repository\.credentials|helm\.repositories)$|^(accounts\.|webhook\.|extension\.config)|secret|password|token/i;

/** Keys that only sound like it. */
const harmless = /^(passwordPattern|resource\.)/;

function isSensitive(key: string): boolean {
  return sensitive.test(key) && !harmless.test(key);
}

/** The words as they may be shown. */
export function hideWords(words: SettingsWords): SettingsWords {
  return mapWords(words, (_, key, value) => (isSensitive(key) ? hiddenWord : value));
}

/** The words with hidden values filled in from those in force; `report` hears of a key that has none there. */
export function restoreHidden(
  words: SettingsWords,
  current: SettingsWords,
  report: (configMap: SettingMapName, key: string) => Report,
): SettingsWords {
  return mapWords(words, (configMap, key, value) => {
    if (value !== hiddenWord) return value;
    const kept = ownField(current[configMap], key);
    if (kept === undefined) report(configMap, key)('is hidden here and not set; give its value');
    return kept ?? value;
  });
}

function mapWords(
  words: SettingsWords,
  change: (configMap: SettingMapName, key: string, value: string) => string,
): SettingsWords {
  const maps = settingMapNames.flatMap((name) => {
    const entries = Object.entries(words[name] ?? {}).map(([key, value]) => [key, change(name, key, value)]);
    return words[name] === undefined ? [] : [[name, Object.fromEntries(entries)]];
  });
  return Object.fromEntries(maps);
}
