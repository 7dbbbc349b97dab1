import { defaultLoginTimes, type LoginTimes } from '../account/login-times.ts';
import type { IgnoreDifference } from '../application/spec/sync-policy.ts';
import type { GlobalProject } from '../project/rules/global.ts';
import { noPolicies, type Policies } from '../rbac/policy/settings.ts';
import type { Tracking } from '../sync/tracking/tracking.ts';
import { defaultRetention, type Retention } from './retention.ts';
import type { Logging, LoggingRole } from './words/read-logging.ts';
import { defaultSelfHealDelay, type Pace, type SelfHealDelay, type SourceLimits } from './words/read-pace.ts';
import { defaultToolSettings, type ToolSettings } from './words/tool-settings.ts';

/** Objects that are left out of everything, or the only ones that are looked at; globs, empty means any. */
export type ResourceFilter = {
  readonly apiGroups: readonly string[];
  readonly kinds: readonly string[];
  /** Server addresses or names. */
  readonly clusters: readonly string[];
};

/** Fields that comparisons leave out, for all objects of the override they stand in. */
export type IgnoreRules = Pick<
  IgnoreDifference,
  'jsonPointers' | 'jqPathExpressions' | 'managedFieldsManagers'
>;

/** A custom resource's field that has the shape of a built-in type, such as `core/v1/PodSpec`. */
export type KnownTypeField = { readonly field: string; readonly type: string };

/** One action of a kind: its name and the Lua script that makes the change. */
export type ActionDefinition = { readonly name: string; readonly lua: string };

/** The actions that an installation adds to a kind, in the words of `resource.customizations.actions`. */
export type CustomActions = {
  readonly discoveryLua: string;
  readonly definitions: readonly ActionDefinition[];
  /** Whether built-in actions stay in the list; they can be run by name either way. */
  readonly mergeBuiltin: boolean;
};

/** What an installation says about the kinds that match `group` and `kind` (globs). */
export type ResourceOverride = {
  readonly group: string;
  readonly kind: string;
  readonly healthLua?: string;
  /** Gives the health script `string`, `math` and the rest of Lua's libraries. */
  readonly useOpenLibs?: boolean;
  readonly actions?: CustomActions;
  readonly ignoreDifferences?: IgnoreRules;
  /** Changes of these fields don't cause a comparison. */
  readonly ignoreResourceUpdates?: IgnoreRules;
  readonly knownTypeFields?: readonly KnownTypeField[];
};

/** Which kinds' `/status` a comparison leaves out. */
export type IgnoredStatus = 'all' | 'crd' | 'none';

/** What an installation has set for all applications, read from the words of `argocd-cm`. */
export type Settings = {
  readonly tracking: Tracking;
  readonly exclusions: readonly ResourceFilter[];
  /** Empty means everything that is not excluded. */
  readonly inclusions: readonly ResourceFilter[];
  /** Exact kinds before globs; the first match of each sort counts. */
  readonly overrides: readonly ResourceOverride[];
  readonly ignoredStatus: IgnoredStatus;
  readonly ignoreAggregatedRoles: boolean;
  /** Whether `ignoreDifferences` rules also keep changes from causing a comparison. */
  readonly ignoreDifferencesOnResourceUpdates: boolean;
  readonly ignoreResourceUpdatesEnabled: boolean;
  /** Annotations whose values are hidden wherever an object is shown. */
  readonly maskedAnnotations: readonly string[];
  /** Seconds after which a sync with all its retries is terminated; 0 means never. */
  readonly syncTimeoutSeconds: number;
  readonly retention: Retention;
  readonly tools: ToolSettings;
  readonly logins: LoginTimes;
  /** Longest body of a webhook's delivery; undefined leaves it to the server's own configuration. */
  readonly webhookMaxBytes?: number;
  /** Where applications may live beside the control-plane namespace: globs, and regular expressions between slashes. */
  readonly applicationNamespaces: readonly string[];
  /** Whether a checkout has the files of a repository's submodules. */
  readonly gitSubmodules: boolean;
  /** Projects whose rules those of others inherit, in the order in which they are added. */
  readonly globalProjects: readonly GlobalProject[];
  /** Who may do what, with the last of it that could be read whole. */
  readonly policies: Policies;
  /** Where browsers reach the installation; undefined leaves it to the server's own configuration. */
  readonly url?: string;
  /** Further addresses at which it is reached. */
  readonly additionalUrls: readonly string[];
  readonly pace: Pace;
  readonly sourceLimits: SourceLimits;
  readonly logging: Readonly<Record<LoggingRole, Logging>>;
  readonly selfHealDelay: SelfHealDelay;
  /** Whether the API server is asked what a sync would do, where an application doesn't say. */
  readonly serverSideDiff: boolean;
  /** Whether syncs and deletions write as the service accounts that projects name. */
  readonly impersonation: boolean;
  /** Whether nobody writes where a project names no account; otherwise the identity of the cluster does. */
  readonly impersonationEnforced: boolean;
};

/** What holds where nothing is set. */
export const defaultSettings: Settings = {
  tracking: { method: 'annotation' },
  exclusions: [],
  inclusions: [],
  overrides: [],
  ignoredStatus: 'all',
  ignoreAggregatedRoles: false,
  ignoreDifferencesOnResourceUpdates: true,
  ignoreResourceUpdatesEnabled: true,
  maskedAnnotations: [],
  syncTimeoutSeconds: 0,
  retention: defaultRetention,
  tools: defaultToolSettings,
  logins: defaultLoginTimes,
  applicationNamespaces: [],
  gitSubmodules: true,
  globalProjects: [],
  policies: noPolicies,
  additionalUrls: [],
  pace: {},
  sourceLimits: {},
  logging: { server: {}, worker: {}, session: {} },
  selfHealDelay: defaultSelfHealDelay,
  serverSideDiff: true,
  impersonation: false,
  impersonationEnforced: true,
};
