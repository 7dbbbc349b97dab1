import { z } from 'zod';
import { noticeTypes } from '../home/settings/notice.ts';
import { problemWeights, type SettingMapName, settingMapNames } from '../settings/words/problem.ts';
import { list, texts, textsByName } from './shape.ts';

/** What the server is; without a login its version alone. */
export const Version = z.object({
  Version: z.string(),
  BuildDate: z.string().exactOptional(),
  GitCommit: z.string().exactOptional(),
  GitTreeState: z.string().exactOptional(),
  Compiler: z.string().exactOptional(),
  GoVersion: z.string().exactOptional(),
  Platform: z.string().exactOptional(),
  ExtraBuildInfo: z.string().exactOptional(),
});
export type Version = z.infer<typeof Version>;

const Plugin = z.object({ name: z.string() });

/** The config management plugins that a worker reaches. */
export const PluginList = z.object({ plugins: list(Plugin) });
export type PluginList = z.infer<typeof PluginList>;

/** What the settings say about the kinds of one key, in the words of the ConfigMap; rules and scripts are texts. */
const ResourceOverride = z.object({
  'health.lua': z.string().exactOptional(),
  'health.lua.useOpenLibs': z.boolean().exactOptional(),
  actions: z.string().exactOptional(),
  ignoreDifferences: z.string().exactOptional(),
  ignoreResourceUpdates: z.string().exactOptional(),
  knownTypeFields: list(z.object({ field: z.string(), type: z.string() })).exactOptional(),
});
export type ResourceOverride = z.infer<typeof ResourceOverride>;

/** What forms and command lines have to know of the installation; the last two fields are there with a login. */
export const ServerSettings = z.object({
  url: z.string(),
  additionalUrls: texts.exactOptional(),
  appLabelKey: z.string(),
  trackingMethod: z.string(),
  installationID: z.string().exactOptional(),
  userLoginsDisabled: z.boolean(),
  execEnabled: z.boolean(),
  appsInAnyNamespaceEnabled: z.boolean(),
  statusBadgeEnabled: z.boolean(),
  plugins: list(Plugin),
  controllerNamespace: z.string().exactOptional(),
  resourceOverrides: z.record(z.string(), ResourceOverride).exactOptional(),
});
export type ServerSettings = z.infer<typeof ServerSettings>;

const SettingMap = textsByName.exactOptional();

/** The words of the ConfigMaps that set the installation. */
const ConfigMaps = z.object({
  'argocd-cm': SettingMap,
  'argocd-cmd-params-cm': SettingMap,
  'argocd-cmp-cm': SettingMap,
  'argocd-rbac-cm': SettingMap,
} satisfies Record<SettingMapName, typeof SettingMap>);

/** What is to be known of an object of the home cluster that sets the installation. */
const SettingsCondition = z.object({
  type: z.enum(noticeTypes),
  /** Kind and name. */
  object: z.string(),
  message: z.string(),
  /** Version of the object that this is about. */
  resourceVersion: z.string(),
  since: z.string(),
  /** Whether what the object said before is in force until somebody accepts what it says now. */
  waits: z.boolean(),
});
export type SettingsCondition = z.infer<typeof SettingsCondition>;

/** The words that set the installation, and what is to be known about their keys. */
export const InstallationSettings = z.object({
  configMaps: ConfigMaps,
  problems: list(
    z.object({
      configMap: z.enum(settingMapNames),
      key: z.string(),
      message: z.string(),
      weight: z.enum(problemWeights),
    }),
  ),
  /** What is to be known of the home cluster's objects; absent where none sets the installation. */
  conditions: list(SettingsCondition).exactOptional(),
  /** Whether there are words that a rollback brings back. */
  previous: z.boolean(),
  /** Whether the request has changed anything; absent where it only reads. */
  changed: z.boolean().exactOptional(),
});
export type InstallationSettings = z.infer<typeof InstallationSettings>;

/** Which versions of objects are accepted, by kind and name; all that wait where none is named. */
export const AcceptSettingsBody = z.strictObject({ seen: textsByName.exactOptional() });
export type AcceptSettingsBody = z.infer<typeof AcceptSettingsBody>;

/** New words; those of a ConfigMap that isn't named stay. */
export const InstallationSettingsBody = z.strictObject({ configMaps: z.strictObject(ConfigMaps.shape) });
export type InstallationSettingsBody = z.infer<typeof InstallationSettingsBody>;
