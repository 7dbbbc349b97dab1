/** The tests that follow the remedies of sources: every remedy below a path is quoted in one of its tests. */
export const areas: readonly { readonly sources: readonly string[]; readonly tests: readonly string[] }[] = [
  {
    sources: ['core/application/', 'core/render/', 'core/text/duration.ts'],
    tests: ['test/conformance/remedies/application.test.ts'],
  },
  {
    sources: ['core/object/', 'core/sync/', 'core/appset/', 'core/render-trust.ts'],
    tests: ['test/conformance/remedies/cluster/manifests.test.ts'],
  },
  {
    sources: ['core/project/', 'core/rbac/'],
    tests: ['test/conformance/remedies/project.test.ts'],
  },
  {
    sources: [
      'core/archive/',
      'core/diff/',
      'core/text/field-limits.ts',
      'core/text/glob',
      'core/text/storable-text.ts',
    ],
    tests: ['test/conformance/remedies/core.test.ts'],
  },
  { sources: ['core/errors.ts'], tests: ['activities/session/compare/compare.test.ts'] },
  { sources: ['core/yaml/'], tests: ['test/conformance/remedies/yaml.test.ts'] },
  {
    sources: ['core/account/', 'core/settings/', 'core/plugin/', 'core/application/spec/shape-issue.ts'],
    tests: ['test/conformance/remedies/settings.test.ts'],
  },
  {
    sources: ['core/action/', 'core/health/', 'platform/lua/'],
    tests: ['test/conformance/remedies/scripts.test.ts'],
  },
  {
    sources: ['core/repository/', 'platform/keys/', 'platform/encryption'],
    tests: ['test/conformance/remedies/repositories.test.ts'],
  },
  { sources: ['platform/'], tests: ['test/conformance/remedies/cluster/platform.test.ts'] },
  {
    sources: ['cli/', 'control/', 'core/git/webhook/'],
    tests: ['test/conformance/remedies/cli/cli.test.ts'],
  },
  {
    sources: ['api/auth/', 'cli/account/', 'cli/terminal/prompt.ts', 'core/account/'],
    tests: [
      'api/auth/lasting-replies.test.ts',
      'test/integration/logins/ends.test.ts',
      'test/integration/logins/streams.test.ts',
      'test/integration/rights/policy.test.ts',
    ],
  },
  {
    sources: ['activities/git'],
    tests: [
      ...['git/git-nested', 'git/git-lfs'],
      ...['remedies/git/git', 'remedies/git/git-tls', 'remedies/git/git-commits'],
    ].map((name) => `test/integration/${name}.test.ts`),
  },
  {
    sources: ['core/repository/certificate-fault.ts', 'activities/remote/'],
    tests: ['test/integration/remedies/render/remote.test.ts', 'test/support/servers/faulty-certificates.ts'],
  },
  {
    sources: [
      'activities/oci/',
      'activities/helm/',
      'activities/archive/',
      'activities/source/chart-source.ts',
    ],
    tests: ['test/integration/remedies/render/artifacts.test.ts'],
  },
  {
    sources: ['cli/', 'core/certificate-fault.ts'],
    tests: [
      'test/conformance/remedies/cli/cli-connection.test.ts',
      'test/conformance/remedies/cli/cli-files.test.ts',
      'test/conformance/remedies/cli/cli-operations.test.ts',
      'test/integration/remedies/cli.test.ts',
      'test/integration/remedies/cli-instead.test.ts',
      'test/integration/remedies/objects.test.ts',
    ],
  },
  {
    sources: ['api/', 'control/', 'core/application/label-selector.ts'],
    tests: [
      'test/conformance/remedies/cli/requests.test.ts',
      'test/integration/remedies/api.test.ts',
      'test/integration/remedies/api-requests.test.ts',
      'test/integration/api/api-sync-windows.test.ts',
      'test/integration/remedies/cli-instead.test.ts',
      'test/integration/remedies/objects.test.ts',
    ],
  },
  {
    sources: ['control/application/', 'control/home/'],
    tests: ['edits', 'mirror', 'turn-on'].map((name) => `test/integration/home/${name}.test.ts`),
  },
  {
    sources: ['core/project/effective.ts'],
    tests: ['test/integration/remedies/api.test.ts'],
  },
  {
    sources: ['api/project/', 'api/routes/project/', 'control/project/'],
    tests: ['test/integration/remedies/projects.test.ts'],
  },
  {
    sources: ['cli/flags/policy-words.ts'],
    tests: ['cli/commands/settings/rbac-commands.test.ts'],
  },
  {
    sources: ['cli/commands/proj/', 'cli/projects/', 'cli/terminal/editor.ts'],
    tests: ['test/integration/cli/cli-proj.test.ts'],
  },
  {
    sources: ['activities/render/', 'activities/inspect/', 'core/render-trust.ts'],
    tests: [
      'test/integration/remedies/render/render.test.ts',
      'test/integration/remedies/render/render-charts.test.ts',
    ],
  },
  {
    sources: ['activities/plugin/', 'activities/render/plugin/plugin.ts'],
    tests: [
      'test/integration/remedies/render/plugins.test.ts',
      'test/integration/remedies/render/settings-plugins.test.ts',
    ],
  },
  {
    sources: ['activities/desired/stamp.ts', 'activities/session/health/health-scripts.ts'],
    tests: ['test/conformance/remedies/cluster/deployments.test.ts'],
  },
  {
    sources: ['activities/source/signature-words.ts'],
    tests: ['test/integration/remedies/git/git-commits.test.ts'],
  },
  {
    sources: ['activities/apply/hooks.ts', 'activities/desired/refresh.ts', 'activities/inspect/inspect.ts'],
    tests: ['test/integration/remedies/remedies.test.ts', 'test/integration/api/api-repositories.test.ts'],
  },
  {
    sources: ['activities/desired/desired.ts', 'activities/operation/cluster-wait.ts'],
    tests: ['test/integration/remedies/destinations.test.ts'],
  },
  { sources: ['activities/source/resolve.ts'], tests: ['test/integration/git/resolve-sources.test.ts'] },
  { sources: ['activities/session/'], tests: ['test/conformance/remedies/cluster/clusters.test.ts'] },
  { sources: ['activities/operation/abandoned.ts'], tests: ['test/integration/sync/never-stuck.test.ts'] },
  { sources: ['core/sync/walk/approval.ts'], tests: ['test/integration/sync/deletion.test.ts'] },
  {
    sources: ['activities/desired/repositories.ts'],
    tests: ['test/integration/sources/scheduled-refresh.test.ts'],
  },
  {
    sources: ['activities/inputs/'],
    tests: ['test/integration/remedies/git/git-commits.test.ts'],
  },
  { sources: ['ui/'], tests: ['ui/remedies.test.ts'] },
  { sources: ['api/route.ts'], tests: ['api/route.test.ts'] },
  {
    sources: ['cluster/', 'core/sync/', 'activities/session/'],
    tests: ['test/integration/remedies/remedies.test.ts', 'test/integration/apply/refusals.test.ts'],
  },
  {
    sources: ['cluster/'],
    tests: ['test/conformance/remedies/cluster/cluster.test.ts', 'test/integration/remedies/cluster.test.ts'],
  },
  {
    sources: [
      'cluster/apply/recreate-object.ts',
      'activities/apply/hooks.ts',
      'core/sync/walk/judge-delete.ts',
    ],
    tests: ['test/integration/sync/judged-deletions.test.ts', 'test/integration/sync/judged-hooks.test.ts'],
  },
  { sources: ['core/sync/installation/'], tests: ['test/integration/sync/installations.test.ts'] },
  { sources: ['core/sync/operation/presumed-wait.ts'], tests: ['test/integration/sync/never-stuck.test.ts'] },
  {
    sources: ['platform/sandbox/', 'bin/up/isolation.ts'],
    tests: ['test/integration/render/sandbox.test.ts'],
  },
  {
    sources: ['bin/operator/'],
    tests: ['test/integration/home/definitions.test.ts'],
  },
  {
    sources: ['bin/', 'local/', 'db/settings-source.ts', 'platform/chosen-tool.ts', 'platform/gotemplate/'],
    tests: [
      'test/conformance/remedies/local.test.ts',
      'test/integration/remedies/objects.test.ts',
      'test/integration/remedies/start.test.ts',
    ],
  },
  {
    sources: ['core/sync/walk/deletion.ts', 'db/', 'engine/', 'activities/cluster-clients.ts', 'workflows/'],
    tests: ['test/integration/remedies/operations.test.ts', 'test/integration/db/db-retention.test.ts'],
  },
];
