import { judgeWords } from '../../core/home/settings/judge-words.ts';
import type { Notice } from '../../core/home/settings/notice.ts';
import { wordsName } from '../../core/home/settings/settings-object.ts';
import { managedKinds } from '../../db/queries/home/managed-kinds.ts';
import { changeSettingsWords } from '../../db/queries/installation/settings-words.ts';
import { followSettingsChange } from '../change-settings.ts';
import { noEffects, type SingleRole } from './settings-control.ts';

/** The ConfigMaps with words: what they say comes into force key by key, as far as that takes no object from anybody. */
export const wordsRole: SingleRole = {
  sort: 'single',
  async apply({ tx, keyring, author }, { ref, object, accepted }) {
    const name = wordsName(ref);
    if (name === undefined) return { notices: [], effects: noEffects };
    const managed = accepted ? [] : await managedKinds(tx);
    let notices: readonly Notice[] = [];
    const change = await changeSettingsWords(tx, keyring, ({ current }) => {
      const verdict = judgeWords({ name, wanted: object?.values, current, managed, accepted });
      notices = verdict.notices;
      return verdict.words;
    });
    const action = accepted ? 'settings.accept' : 'settings.update';
    if (change.changed) await followSettingsChange({ db: tx, keyring }, change, author, action);
    return { notices, effects: noEffects };
  },
};
