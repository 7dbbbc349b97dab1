/** The ConfigMaps whose words set an installation. */
export const settingMapNames = ['argocd-cm', 'argocd-cmd-params-cm', 'argocd-cmp-cm'] as const;
export type SettingMapName = (typeof settingMapNames)[number];

/** The `data` of the ConfigMaps as they are written. */
export type SettingsWords = Readonly<Partial<Record<SettingMapName, Readonly<Record<string, string>>>>>;

/**
 * What a problem costs. `unsafe`: without the key Keelson would own or see other objects, so such words are never
 * stored. `invalid`: the key is left out. `unused`: the key says nothing to Keelson.
 */
export const problemWeights = ['unsafe', 'invalid', 'unused'] as const;
export type ProblemWeight = (typeof problemWeights)[number];

/** One thing to know about a key: which, what is wrong, what to do. */
export type SettingsProblem = {
  readonly configMap: SettingMapName;
  readonly key: string;
  readonly message: string;
  readonly weight: ProblemWeight;
};

/**
 * Takes what is wrong with the key that is being read; `place` is a path within its value, `weight` what it costs where
 * that is less than for other problems of the key.
 */
export type Report = (message: string, place?: string, weight?: 'unused') => void;

/** One line for people: `argocd-cm: resource.exclusions: [0].kinds must be a list; ...`. */
export function formatSettingsProblem({ configMap, key, message }: SettingsProblem): string {
  return `${configMap}: ${key}: ${message}`;
}
