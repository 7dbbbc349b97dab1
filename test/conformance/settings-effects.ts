/** Where the effect of a key, variable or flag is seen: a test by its file and name. */
export type SeenEffect = {
  readonly file: string;
  readonly test: string;
  /** Whether whole roles run in it, or what reads the word alone. */
  readonly in: 'parts' | 'roles';
};

const roles = (file: string, test: string): SeenEffect => ({ file: `test/${file}`, test, in: 'roles' });
const parts = (file: string, test: string): SeenEffect => ({ file, test, in: 'parts' });

const started = 'integration/settings/start-effects.test.ts';
const pace = 'activities/desired/pace.test.ts';
const heals = parts(
  'core/application/automation/autosync.test.ts',
  'waits longer before each further self-heal',
);
const kustomize = 'test/integration/tools/render-kustomize-settings.test.ts';
const tools = 'core/settings/words/tool-settings.test.ts';
const custom = 'integration/apply/custom-rules.test.ts';
const judged = 'judge objects by the settings, and a script that fails is told while everything else goes on';
const filter = 'core/settings/filter.test.ts';
const updates = 'core/diff/rules/ignored-update.test.ts';
const logged = roles(started, 'has its log as the settings say once they do, role by role');
const logAtStart = roles(started, 'writes its log in the format and from the level on');
const execTimeout = roles(started, 'ends a program after the bare seconds');
const interval = parts(pace, 'is the settings’ interval with their jitter, before the worker’s own');
const hard = parts(pace, 'ends a render with the hard interval, and an impure one with the shorter of both');
const bounds = parts(pace, 'bounds sources as the settings say');
const versions = parts(kustomize, 'builds with the version that a source asks for, and its own options');
const tracked = roles(
  'integration/apply/tracking-methods.test.ts',
  'changes between methods without anything out of sync, lost or pruned, and still prunes',
);

/** Every word that is mapped, by its name in the tables. Flags and variables set the same variable of a role. */
export const seenEffects: Readonly<Record<string, SeenEffect>> = {
  additionalUrls: roles(started, 'are addresses whose browsers may change things'),
  'application.instanceLabelKey': tracked,
  'application.resourceTrackingMethod': tracked,
  'application.sync.impersonation.enabled': roles(
    'integration/projects/impersonation.test.ts',
    'writes, runs hooks and deletes as the account of the project, and as nobody where there is none',
  ),
  globalProjects: parts('test/integration/db/effective-project.test.ts', 'globalProjects'),
  'helm.enable': parts(tools, 'switches tools off by either spelling, and the key of the reference counts'),
  'helm.valuesFileSchemes': parts(tools, 'allows no addresses where the list of schemes is empty'),
  installationID: roles(
    'integration/sync/installations.test.ts',
    'sees nothing of the other once its installationID tells them apart',
  ),
  'jsonnet.enable': parts(
    tools,
    'switches tools off by either spelling, and the key of the reference counts',
  ),
  'kustomize.buildOptions': parts(kustomize, 'passes build options on'),
  'kustomize.buildOptions.': versions,
  'kustomize.enable': parts(
    kustomize,
    'reads a kustomization as a plain directory where Kustomize is switched off',
  ),
  'kustomize.path.': versions,
  'kustomize.version.': parts(
    tools,
    'reads versions of Kustomize with their own build options, the newer key before the older',
  ),
  'resource.compareoptions': parts(
    'test/conformance/diff/status-of-crd-only/rules.yaml',
    'resource.compareoptions',
  ),
  'resource.customizations': roles(custom, judged),
  'resource.customizations.actions.': roles(custom, 'offer actions with the reason why one is disabled'),
  'resource.customizations.health.': roles(custom, judged),
  'resource.customizations.ignoreDifferences.': parts(
    'test/conformance/diff/core-kind/rules.yaml',
    'resource.customizations.ignoreDifferences',
  ),
  'resource.customizations.ignoreResourceUpdates.': parts(
    updates,
    'adds what the settings say of a kind, of all, and in the map form',
  ),
  'resource.customizations.knownTypeFields.': parts(
    'core/settings/overrides/resource-overrides.test.ts',
    'knownTypeFields',
  ),
  'resource.customizations.useOpenLibs.': parts(
    'core/settings/overrides/overrides-of.test.ts',
    'useOpenLibs',
  ),
  'resource.exclusions': roles(
    'integration/sync/settings.test.ts',
    'reach sessions and renders when they change: another mark of ownership, excluded kinds out of the tree',
  ),
  'resource.ignoreResourceUpdatesEnabled': parts(updates, 'leaves nothing out where it is switched off'),
  'resource.inclusions': parts(filter, 'leaves out what no inclusion of the cluster names'),
  'resource.sensitive.mask.annotations': parts(
    'core/settings/words/read-settings.test.ts',
    'resource.sensitive.mask.annotations',
  ),
  'server.enable.server.side.diff': parts(
    'core/settings/words/read-runtime.test.ts',
    'server.enable.server.side.diff',
  ),
  'timeout.hard.reconciliation': hard,
  'timeout.reconciliation': interval,
  'timeout.reconciliation.jitter': interval,
  url: roles(
    'integration/home/settings-live.test.ts',
    'sets the installation, also without a label, which the object is told',
  ),
  'users.session.duration': parts(
    'test/integration/logins/ends.test.ts',
    'is renewed to its absolute end and no further, and ends with all its tokens',
  ),
  'webhook.maxPayloadSizeMB': parts(
    'test/integration/api/api-webhook.test.ts',
    'the settings say how long a delivery may be',
  ),
  'application.namespaces': roles(
    'integration/sync/namespaces.test.ts',
    'are not synced while the settings name their namespace no more, and go on once they do',
  ),
  'controller.diff.server.side': parts(
    'core/settings/words/read-runtime.test.ts',
    'controller.diff.server.side',
  ),
  'controller.log.format': logged,
  'controller.log.level': logged,
  'controller.repo.server.timeout.seconds': bounds,
  'controller.self.heal.backoff.cap.seconds': heals,
  'controller.self.heal.backoff.factor': heals,
  'controller.self.heal.backoff.timeout.seconds': heals,
  'controller.self.heal.timeout.seconds': heals,
  'controller.sync.timeout.seconds': roles(
    'integration/sync/settings.test.ts',
    'hold from the file that the server started with',
  ),
  'reposerver.enable.git.submodule': parts(
    'test/integration/git/git-nested.test.ts',
    'leaves their directories empty when they are turned off',
  ),
  'reposerver.git.request.timeout': bounds,
  'reposerver.log.format': logAtStart,
  'reposerver.log.level': logged,
  'reposerver.max.combined.directory.manifests.size': parts(
    'test/integration/render/render-directory.test.ts',
    'refuses more manifests than the limit before it reads any',
  ),
  'reposerver.parallelism.limit': bounds,
  'server.log.format': logged,
  'server.log.level': logged,
  ARGOCD_EXEC_TIMEOUT: execTimeout,
  ARGOCD_GIT_ATTEMPTS_COUNT: roles(started, 'asks a repository as often as it is told to'),
  ARGOCD_GIT_REQUEST_TIMEOUT: bounds,
  ARGOCD_HARD_RECONCILIATION_TIMEOUT: hard,
  ARGOCD_LOG_FORMAT: logAtStart,
  ARGOCD_LOG_LEVEL: logAtStart,
  ARGOCD_RECONCILIATION_TIMEOUT: interval,
  ARGOCD_REPO_SERVER_PARALLELISM_LIMIT: bounds,
  '--app-hard-resync': hard,
  '--app-resync': interval,
  '--logformat': logAtStart,
  '--loglevel': logAtStart,
  '--parallelism-limit': bounds,
  '--port': roles('integration/remedies/start.test.ts', '--port'),
  '--repo-server-timeout-seconds': execTimeout,
  '--self-heal-timeout-seconds': heals,
};

/** How many are seen in what reads them alone: lowered with each that is seen in whole roles. */
export const mostInParts = 41;
