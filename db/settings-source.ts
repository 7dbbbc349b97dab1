import { defaultSettings, type Settings } from '../core/settings/settings.ts';

/** The settings in force, kept current in this process. */
export type SettingsSource = {
  current(): Settings;
  /** Calls back after each change; answers with the way to stop. */
  onChange(listener: () => void): () => void;
};

/** Settings that never change. */
export function fixedSettings(settings: Settings = defaultSettings): SettingsSource {
  return { current: () => settings, onChange: () => () => {} };
}
