import { sameJson } from '../../../core/object/json/canonical.ts';
import { type SettingsWords, settingMapNames } from '../../../core/settings/words/problem.ts';
import type { Author } from '../../context.ts';
import type { HomeSettings } from './settings-port.ts';
import { changeMap } from './write-map.ts';

/** Has the ConfigMaps of the home cluster say other words; a map that isn't named stays, one that says them already too. */
export async function writeWords(
  home: HomeSettings,
  current: SettingsWords,
  words: SettingsWords,
  { author, action }: { readonly author: Author; readonly action: string },
): Promise<void> {
  for (const name of settingMapNames) {
    const data = words[name];
    const inForce = current[name] ?? {};
    // One that nobody has made needs none that says the same as nothing.
    if (data === undefined || (sameJson(data, {}) && sameJson(inForce, {}))) continue;
    await changeMap(home, {
      ...{ name, inForce, author },
      changed: () => data,
      audit: { action, object: 'settings', details: { configMap: name } },
    });
  }
}
