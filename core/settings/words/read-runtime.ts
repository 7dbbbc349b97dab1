import { ownField } from '../../own-field.ts';
import type { Settings } from '../settings.ts';
import type { Report, SettingMapName, SettingsWords } from './problem.ts';
import {
  defaultSelfHealDelay,
  type Pace,
  readCount,
  readSeconds,
  readSize,
  type SelfHealDelay,
  type SourceLimits,
} from './read-pace.ts';

type Reader = (text: string, report: Report) => number | undefined;
type Entry<Group> = { readonly map: SettingMapName; readonly field: keyof Group; readonly read: Reader };

const pace: Readonly<Record<string, Entry<Pace>>> = {
  'timeout.reconciliation': { map: 'argocd-cm', field: 'reconcileSeconds', read: readSeconds },
  'timeout.reconciliation.jitter': { map: 'argocd-cm', field: 'jitterSeconds', read: readSeconds },
  'timeout.hard.reconciliation': { map: 'argocd-cm', field: 'hardSeconds', read: readSeconds },
};

const params = 'argocd-cmd-params-cm';

const limits: Readonly<Record<string, Entry<SourceLimits>>> = {
  'reposerver.parallelism.limit': { map: params, field: 'rendersAtOnce', read: readCount },
  'controller.repo.server.timeout.seconds': { map: params, field: 'renderSeconds', read: readSeconds },
  'reposerver.git.request.timeout': { map: params, field: 'listingSeconds', read: readSeconds },
  'reposerver.max.combined.directory.manifests.size': {
    map: params,
    field: 'directoryBytes',
    read: readSize,
  },
};

const selfHeal: Readonly<Record<string, Entry<SelfHealDelay>>> = {
  'controller.self.heal.timeout.seconds': { map: params, field: 'flatSeconds', read: readSeconds },
  'controller.self.heal.backoff.timeout.seconds': { map: params, field: 'firstSeconds', read: readSeconds },
  'controller.self.heal.backoff.factor': { map: params, field: 'factor', read: readCount },
  'controller.self.heal.backoff.cap.seconds': { map: params, field: 'mostSeconds', read: readSeconds },
};

/** Keys of both ConfigMaps that are read here. */
export const runtimeKeys: readonly string[] = [pace, limits, selfHeal].flatMap((group) => Object.keys(group));

type Runtime = Pick<Settings, 'pace' | 'sourceLimits' | 'selfHealDelay'>;

/** Reads how often things are looked at, and what that may take; what can't be read keeps its default, with a report. */
export function readRuntime(
  words: SettingsWords,
  report: (configMap: SettingMapName, key: string) => Report,
): Runtime {
  const all = <Group>(group: Readonly<Record<string, Entry<Group>>>): Partial<Group> =>
    Object.fromEntries(
      Object.entries(group).flatMap(([key, { map, field, read }]) => {
        const text = ownField(words[map], key);
        const value = text === undefined || text.trim() === '' ? undefined : read(text, report(map, key));
        return value === undefined ? [] : [[field, value]];
      }),
    ) as Partial<Group>;
  const { flatSeconds = 0, ...delay } = all(selfHeal);
  return {
    pace: all(pace),
    sourceLimits: all(limits),
    // Nothing flat is the default, which grows.
    selfHealDelay: { ...defaultSelfHealDelay, ...delay, ...(flatSeconds > 0 ? { flatSeconds } : {}) },
  };
}
