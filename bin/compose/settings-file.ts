import { readFile } from 'node:fs/promises';
import { putSettings } from '../../control/change-settings.ts';
import { KeelsonError } from '../../core/errors.ts';
import { noEffectMaps, readSettingsFile } from '../../core/settings/words/config-maps.ts';
import { formatSettingsProblem } from '../../core/settings/words/problem.ts';
import { systemInitiator } from '../../core/sync/operation/initiator.ts';
import { readSettingsWords } from '../../db/queries/installation/settings-words.ts';
import type { Foundation } from './compose.ts';

/**
 * Puts the settings of a file in force, as the server does at its start. A file that can't be used leaves those in
 * force as they are; where there are none the server doesn't start, since defaults could mean other objects.
 */
export async function applySettingsFile(foundation: Foundation, path: string): Promise<void> {
  const { log, keyring, settings } = foundation;
  const store = { db: foundation.database.db, keyring };
  try {
    const text = await readText(path);
    const words = readSettingsFile(text, path);
    const { changed, problems } = await putSettings(
      store,
      words,
      { by: systemInitiator('settings-file'), address: '' },
      { partial: false },
    );
    const notes = [...problems.map(formatSettingsProblem), ...noEffectMaps(text, path)];
    log.info({ path, changed, notes }, 'settings file read');
  } catch (error) {
    const { current } = await readSettingsWords(store.db, keyring);
    if (!(error instanceof KeelsonError) || Object.keys(current).length === 0) throw error;
    log.error({ path, error: error.message }, 'settings file is not used; the settings in force stay');
  }
  await settings.reload();
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new KeelsonError(
      'invalid-argument',
      `settings file ${path} can't be read; check KEELSON_SETTINGS_FILE`,
      {
        cause,
      },
    );
  }
}
