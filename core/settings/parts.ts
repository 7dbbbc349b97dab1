import { canonicalJson, sameJson } from '../object/json/canonical.ts';
import type { ResourceOverride, Settings } from './settings.ts';

/** Who reads the settings, and has to begin anew when theirs change. */
export const settingsParts = ['sessions', 'renders', 'operations', 'api', 'rbac', 'notifications'] as const;
export type SettingsPart = (typeof settingsParts)[number];

type Readers = Readonly<Record<keyof Settings, readonly SettingsPart[]>>;

/**
 * Who reads what. A field that is missing here doesn't compile; one with too few readers leaves them with what held
 * before. Nobody sends notifications yet: their fields come with them.
 */
const readers: Readers = {
  tracking: ['sessions', 'renders', 'operations', 'api'],
  exclusions: ['sessions', 'operations', 'api'],
  inclusions: ['sessions', 'operations', 'api'],
  overrides: ['sessions', 'operations', 'api'],
  ignoredStatus: ['sessions', 'operations', 'api'],
  ignoreAggregatedRoles: ['sessions', 'operations', 'api'],
  ignoreDifferencesOnResourceUpdates: ['sessions'],
  ignoreResourceUpdatesEnabled: ['sessions'],
  maskedAnnotations: ['sessions', 'api'],
  syncTimeoutSeconds: ['operations'],
  retention: ['operations'],
  tools: ['renders', 'api'],
  logins: ['api'],
  webhookMaxBytes: ['api'],
  applicationNamespaces: ['sessions', 'operations', 'api'],
  gitSubmodules: ['renders'],
  impersonation: ['operations', 'api'],
  impersonationEnforced: ['operations', 'api'],
  globalProjects: ['renders', 'operations', 'api', 'rbac'],
  policies: ['rbac'],
  url: ['api'],
  additionalUrls: ['api'],
  pace: ['renders'],
  sourceLimits: ['renders'],
  // Each role follows its own log.
  logging: ['api'],
  selfHealDelay: ['operations'],
  serverSideDiff: ['sessions', 'operations', 'api'],
};

/** Actions are run by whoever asks for them, never by a session or a sync. */
const blindToActions: ReadonlySet<SettingsPart> = new Set(['sessions', 'operations']);

/** All that a part reads of the settings, as one text: while it stays the same nothing has changed for that part. */
export function textOfPart(settings: Settings, part: SettingsPart): string {
  const overrides = blindToActions.has(part)
    ? settings.overrides.flatMap(withoutActions)
    : settings.overrides;
  const read = Object.entries({ ...settings, overrides }).filter(([name]) =>
    readers[name as keyof Settings].includes(part),
  );
  return canonicalJson(Object.fromEntries(read));
}

/** An override without its actions; nothing where it says nothing else. */
function withoutActions({ actions: _, ...override }: ResourceOverride): Omit<ResourceOverride, 'actions'>[] {
  return Object.keys(override).some((name) => name !== 'group' && name !== 'kind') ? [override] : [];
}

/** The parts for which something has changed. */
export function changedParts(before: Settings, after: Settings): SettingsPart[] {
  // They are read for every render, and hardly ever differ.
  if (sameJson(before, after)) return [];
  return settingsParts.filter((part) => textOfPart(before, part) !== textOfPart(after, part));
}
