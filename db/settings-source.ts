import { KeelsonError } from '../core/errors.ts';
import { changedParts, type SettingsPart } from '../core/settings/parts.ts';
import type { Settings } from '../core/settings/settings.ts';
import { formatSettingsProblem } from '../core/settings/words/problem.ts';
import { readSettings } from '../core/settings/words/read-settings.ts';
import type { Keyring } from '../platform/encryption.ts';
import type { Logger } from '../platform/logger.ts';
import type { Database } from './client.ts';
import { followTopic } from './connection/follow-topic.ts';
import type { ChangeHub } from './listen.ts';
import { readSettingsWords } from './queries/installation/settings-words.ts';

/** The settings in force, kept current in this process. */
export type SettingsSource = {
  current(): Settings;
  /** How often a part has changed in this process: whoever reads it begins anew when that is another number. */
  changesOf(part: SettingsPart): number;
  /** Calls back after each change with the parts that it concerns; answers with the way to stop. */
  onChange(listener: (parts: readonly SettingsPart[]) => void): () => void;
  /** Resolves when what is stored now is in force here. */
  reload(): Promise<void>;
};

export type SettingsSourceOptions = {
  readonly db: Database;
  readonly changes: ChangeHub;
  readonly keyring: Keyring;
  readonly log: Logger;
  /** How long a missed announcement can keep old settings in force. */
  readonly pollMilliseconds?: number;
};

const defaultPollMilliseconds = 15_000;

/**
 * Reads the stored settings and follows their changes. Whatever can't be read later leaves the settings in force as
 * they are; what can't be read at the start is an error, since defaults could mean other objects.
 */
export async function openSettingsSource(
  options: SettingsSourceOptions,
): Promise<SettingsSource & { close(): Promise<void> }> {
  const { log } = options;
  const changes = new Map<SettingsPart, number>();
  let settings = await load(options);
  const follower = followTopic<[readonly SettingsPart[]]>({
    changes: options.changes,
    topic: 'settings',
    pollMilliseconds: options.pollMilliseconds ?? defaultPollMilliseconds,
    log,
    failure: 'settings could not be read; those in force stay',
    async read() {
      const next = await load(options);
      const parts = changedParts(settings, next);
      if (parts.length === 0) return;
      settings = next;
      for (const part of parts) changes.set(part, (changes.get(part) ?? 0) + 1);
      log.info({ parts, tracking: next.tracking, overrides: next.overrides.length }, 'settings changed');
      follower.tell(parts);
    },
  });
  return {
    current: () => settings,
    changesOf: (part) => changes.get(part) ?? 0,
    onChange: follower.onChange,
    reload: follower.reload,
    close: follower.close,
  };
}

async function load({ db, keyring }: SettingsSourceOptions): Promise<Settings> {
  const { current, goodPolicies } = await readSettingsWords(db, keyring);
  const { settings, problems } = readSettings(current, goodPolicies);
  const unsafe = problems.filter(({ weight }) => weight === 'unsafe');
  if (unsafe.length === 0) return settings;
  throw new KeelsonError(
    'invalid-argument',
    `stored settings can't be used: ${unsafe.map(formatSettingsProblem).join('; ')}; put correct ones with the release that wrote them`,
  );
}
