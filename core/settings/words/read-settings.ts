import { z } from 'zod';
import { loginTimeKeys, readLoginTimes } from '../../account/read-login-times.ts';
import { noEffectOf, noEffectYet } from '../../no-effect/table.ts';
import { ownField } from '../../own-field.ts';
import { GlobalProject } from '../../project/rules/global.ts';
import { namespacePatternFault } from '../../project/rules/namespace-pattern.ts';
import { isPolicyKey, readPolicies } from '../../rbac/policy/settings.ts';
import { readDuration } from '../../text/duration.ts';
import { readCompareOptions } from '../compare-options.ts';
import { isSplitKey, readResourceOverrides } from '../overrides/resource-overrides.ts';
import { readResourceFilters } from '../resource-filters.ts';
import { readRetention } from '../retention.ts';
import { defaultSettings, type Settings } from '../settings.ts';
import {
  type ProblemWeight,
  type Report,
  type SettingMapName,
  type SettingsProblem,
  type SettingsWords,
  settingMapNames,
} from './problem.ts';
import { loggingKeys, readLogging } from './read-logging.ts';
import { readRuntime, runtimeKeys } from './read-runtime.ts';
import { readTracking, trackingKeys } from './read-tracking.ts';
import { listOf, readBoolean, readYamlAs } from './read-value.ts';
import { isToolKey, readPlugins, readToolSettings } from './tool-settings.ts';

/** Settings out of the words of the ConfigMaps, and all there is to say about these words. */
export type ReadSettings = {
  readonly settings: Settings;
  readonly problems: readonly SettingsProblem[];
};

type Part = Partial<Settings>;
/** Answers with what the key sets; undefined when it can't be used. */
type KeyReader = (text: string, report: Report) => Part | undefined;
type Key = { readonly read: KeyReader; readonly weight?: ProblemWeight };

const GlobalProjects = listOf(GlobalProject);

const keys: Readonly<Record<SettingMapName, Readonly<Record<string, Key>>>> = {
  'argocd-cm': {
    'resource.exclusions': {
      weight: 'unsafe',
      read: (text, report) => part('exclusions', readResourceFilters(text, report)),
    },
    'resource.inclusions': {
      weight: 'unsafe',
      read: (text, report) => part('inclusions', readResourceFilters(text, report)),
    },
    'resource.compareoptions': { read: readCompareOptions },
    'resource.ignoreResourceUpdatesEnabled': {
      read: (text, report) => part('ignoreResourceUpdatesEnabled', readBoolean(text, report)),
    },
    'keelson.retention': { read: (text, report) => part('retention', readRetention(text, report)) },
    // Without its denials, projects would permit more.
    globalProjects: {
      weight: 'unsafe',
      read: (text, report) => part('globalProjects', readYamlAs(GlobalProjects, text, report)),
    },
    // Without it everything would be written with all rights of the installation.
    'application.sync.impersonation.enabled': {
      weight: 'unsafe',
      read: (text, report) => part('impersonation', readBoolean(text, report)),
    },
    'application.sync.impersonation.enforced': {
      read: (text, report) => part('impersonationEnforced', readBoolean(text, report)),
    },
    'webhook.maxPayloadSizeMB': { read: readWebhookSize },
    url: { read: readUrl },
    additionalUrls: { read: (text, report) => part('additionalUrls', readUrls(text, report)) },
    'server.enable.server.side.diff': {
      read: (text, report) => part('serverSideDiff', readBoolean(text, report)),
    },
    'resource.sensitive.mask.annotations': { read: (text) => ({ maskedAnnotations: commaList(text) }) },
  },
  'argocd-cmd-params-cm': {
    'application.namespaces': {
      read: (text, report) => part('applicationNamespaces', readNamespacePatterns(text, report)),
    },
    'controller.sync.timeout.seconds': { read: readSyncTimeout },
    'controller.diff.server.side': {
      read: (text, report) => part('serverSideDiff', readBoolean(text, report)),
    },
    'reposerver.enable.git.submodule': {
      read: (text, report) => part('gitSubmodules', readBoolean(text, report)),
    },
  },
  // Each key is the file of a plugin; they are read together.
  'argocd-cmp-cm': {},
  // Policies are read together, too.
  'argocd-rbac-cm': {},
};

/** Keys that are read together with others. */
const alsoRead: ReadonlySet<string> = new Set([
  ...Object.values(trackingKeys),
  ...Object.values(loginTimeKeys),
  ...runtimeKeys,
  ...loggingKeys,
  'resource.customizations',
]);

/**
 * Reads what an installation is set to. A key that can't be read is left out with a problem, and everything else
 * holds; whoever stores words refuses those with an `unsafe` problem. `goodPolicies` are the last words about rights that
 * had no problem: they bound what is granted as long as those in force have one.
 */
export function readSettings(
  words: SettingsWords,
  goodPolicies?: Readonly<Record<string, string>>,
): ReadSettings {
  const problems: SettingsProblem[] = [];
  const cm = words['argocd-cm'] ?? {};
  const say: Say =
    (configMap, key, weight = 'invalid') =>
    (message, place, lighter) =>
      void problems.push({
        ...{ configMap, key, weight: lighter ?? weight },
        message: place ? `${place} ${message}` : message,
      });
  const parts = settingMapNames.flatMap((configMap) =>
    Object.entries(words[configMap] ?? {}).map(([key, text]) => readKey(configMap, key, text, say)),
  );
  let settings: Settings = {
    ...defaultSettings,
    tracking: readTracking(cm, (key) => say('argocd-cm', key, 'unsafe')),
    logins: readLoginTimes(cm, (key) => say('argocd-cm', key)),
    ...readRuntime(words, say),
    logging: readLogging(words['argocd-cmd-params-cm'] ?? {}, (key) => say('argocd-cmd-params-cm', key)),
    overrides: readResourceOverrides(cm, (key, message, weight) =>
      say('argocd-cm', key)(message, '', weight),
    ),
    tools: {
      ...readToolSettings(cm, (key) => say('argocd-cm', key)),
      plugins: readPlugins(words['argocd-cmp-cm'] ?? {}, (key) => say('argocd-cmp-cm', key)),
    },
    policies: readPolicies(words['argocd-rbac-cm'] ?? {}, goodPolicies, (key) => say('argocd-rbac-cm', key)),
  };
  for (const one of parts) settings = { ...settings, ...one };
  return { settings, problems };
}

const unknownKey = 'is not a known key and has no effect; check its spelling';

type Say = (configMap: SettingMapName, key: string, weight?: ProblemWeight) => Report;

function readKey(configMap: SettingMapName, key: string, text: string, say: Say): Part | undefined {
  if (configMap === 'argocd-cmp-cm') return undefined;
  if (configMap === 'argocd-rbac-cm') {
    if (!isPolicyKey(key)) say(configMap, key, 'unused')(unknownKey);
    return undefined;
  }
  const known = ownField(keys[configMap], key);
  const note = say(configMap, key, 'unused');
  if (known !== undefined) {
    const read = known.read(text, say(configMap, key, known.weight));
    // A row for all keys that begin alike doesn't mean one that is read.
    const without = Object.hasOwn(noEffectYet[configMap], key) ? noEffectOf(configMap, key) : undefined;
    if (read !== undefined && without !== undefined) note(`has no effect yet: ${without}`);
    return read;
  }
  if (alsoRead.has(key)) return undefined;
  const without = noEffectOf(configMap, key);
  const readElsewhere = configMap === 'argocd-cm' && (isSplitKey(key) || isToolKey(key));
  if (without !== undefined) note(`has no effect yet: ${without}`);
  else if (!readElsewhere) note(unknownKey);
  return undefined;
}

function part<Name extends keyof Settings>(name: Name, value: Settings[Name] | undefined): Part | undefined {
  return value === undefined ? undefined : { [name]: value };
}

function commaList(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** One pattern that can't be read leaves the key out: nobody takes half of a list for what it says. */
function readNamespacePatterns(text: string, report: Report): string[] | undefined {
  const patterns = commaList(text);
  const faults = patterns.flatMap((pattern) => namespacePatternFault(pattern) ?? []);
  for (const fault of faults) report(fault);
  return faults.length === 0 ? patterns : undefined;
}

function readUrl(text: string, report: Report): Part | undefined {
  const url = text.trim();
  if (url === '') return {};
  if (isAddress(url)) return { url };
  report('must be an address that begins with https:// or http://; change it');
  return undefined;
}

function readUrls(text: string, report: Report): readonly string[] | undefined {
  const urls = readYamlAs(listOf(z.string()), text, report);
  if (urls === undefined || urls.every(isAddress)) return urls;
  report('must be a list of addresses that begin with https:// or http://; change it');
  return undefined;
}

function isAddress(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text);
}

function readSyncTimeout(text: string, report: Report): Part | undefined {
  const seconds = text.trim() === '' ? 0 : readDuration(text.trim());
  if (seconds !== undefined && seconds >= 0) return { syncTimeoutSeconds: seconds };
  report('must be a number of seconds, 0 for no limit; change it');
  return undefined;
}

const bytesOfMegabyte = 1024 * 1024;
/** More is refused for want of room anyway. */
const mostMegabytes = 64;

function readWebhookSize(text: string, report: Report): Part | undefined {
  const megabytes = Number(text.trim());
  if (Number.isInteger(megabytes) && megabytes > 0 && megabytes <= mostMegabytes)
    return { webhookMaxBytes: megabytes * bytesOfMegabyte };
  report(`must be a whole number of megabytes from 1 to ${mostMegabytes}; change it`);
  return undefined;
}
