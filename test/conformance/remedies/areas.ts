/** The tests that follow the remedies of sources: every remedy below a path is quoted in one of its tests. */
export const areas: readonly { readonly sources: readonly string[]; readonly tests: readonly string[] }[] = [
  {
    sources: ['core/application/', 'core/duration.ts'],
    tests: ['test/conformance/remedies/application.test.ts'],
  },
  {
    sources: ['core/object/', 'core/sync/', 'core/appset/', 'core/render-trust.ts'],
    tests: ['test/conformance/remedies/manifests.test.ts'],
  },
  {
    sources: ['core/project/', 'core/rbac/'],
    tests: ['test/conformance/remedies/project.test.ts'],
  },
  {
    sources: ['core/archive/', 'core/diff/', 'core/field-limits.ts', 'core/glob.ts', 'core/storable-text.ts'],
    tests: ['test/conformance/remedies/core.test.ts'],
  },
  { sources: ['core/yaml/'], tests: ['test/conformance/remedies/yaml.test.ts'] },
  {
    sources: ['core/account/', 'core/settings/', 'core/plugin/', 'core/application/shape-issue.ts'],
    tests: ['test/conformance/remedies/settings.test.ts'],
  },
  {
    sources: ['core/action/', 'core/health/', 'platform/lua/'],
    tests: ['test/conformance/remedies/scripts.test.ts'],
  },
  {
    sources: [
      ...['core/repository/', 'platform/certificate.ts', 'platform/encryption'],
      'platform/pgp-key.ts',
    ],
    tests: ['test/conformance/remedies/repositories.test.ts'],
  },
  { sources: ['platform/'], tests: ['test/conformance/remedies/platform.test.ts'] },
  {
    sources: ['cli/', 'api/sync-request.ts', 'control/', 'core/git/webhook/'],
    tests: ['test/conformance/remedies/cli.test.ts'],
  },
  {
    sources: ['api/auth/', 'cli/account/', 'cli/prompt.ts', 'core/account/'],
    tests: [
      'api/auth/lasting-replies.test.ts',
      'test/integration/logins/ends.test.ts',
      'test/integration/logins/streams.test.ts',
    ],
  },
  {
    sources: ['activities/git'],
    tests: ['remedies/git', 'remedies/git-tls', 'remedies/git-commits', 'git-nested', 'git-lfs'].map(
      (name) => `test/integration/${name}.test.ts`,
    ),
  },
  {
    sources: ['core/repository/certificate-fault.ts', 'activities/remote/'],
    tests: ['test/integration/remedies/remote.test.ts', 'test/support/faulty-certificates.ts'],
  },
  {
    sources: [
      'activities/oci/',
      'activities/helm/',
      'activities/archive/',
      'activities/source/chart-source.ts',
    ],
    tests: ['test/integration/remedies/artifacts.test.ts'],
  },
  {
    sources: ['cli/', 'core/certificate-fault.ts'],
    tests: [
      'test/conformance/remedies/cli-connection.test.ts',
      'test/conformance/remedies/cli-files.test.ts',
      'test/conformance/remedies/cli-operations.test.ts',
      'test/integration/remedies/cli.test.ts',
      'test/integration/remedies/cli-instead.test.ts',
      'test/integration/remedies/objects.test.ts',
    ],
  },
  {
    sources: ['api/', 'control/'],
    tests: [
      'test/conformance/remedies/requests.test.ts',
      'test/integration/remedies/api.test.ts',
      'test/integration/remedies/api-requests.test.ts',
      'test/integration/remedies/cli-instead.test.ts',
      'test/integration/remedies/objects.test.ts',
    ],
  },
  {
    sources: ['activities/render/', 'activities/inspect/', 'core/render-trust.ts'],
    tests: ['test/integration/remedies/render.test.ts', 'test/integration/remedies/render-charts.test.ts'],
  },
  {
    sources: ['activities/plugin/', 'activities/render/plugin.ts'],
    tests: [
      'test/integration/remedies/plugins.test.ts',
      'test/integration/remedies/settings-plugins.test.ts',
    ],
  },
  {
    sources: ['activities/place.ts', 'activities/session/health-scripts.ts'],
    tests: ['test/conformance/remedies/deployments.test.ts'],
  },
  {
    sources: ['activities/source/signature-words.ts'],
    tests: ['test/integration/remedies/git-commits.test.ts'],
  },
  {
    sources: ['activities/hooks.ts', 'activities/refresh.ts', 'activities/inspect.ts'],
    tests: ['test/integration/remedies.test.ts', 'test/integration/api-repositories.test.ts'],
  },
  {
    sources: ['activities/desired.ts', 'activities/wait.ts'],
    tests: ['test/integration/remedies/destinations.test.ts'],
  },
  { sources: ['activities/source/resolve.ts'], tests: ['test/integration/resolve-sources.test.ts'] },
  { sources: ['activities/session/'], tests: ['test/conformance/remedies/clusters.test.ts'] },
  { sources: ['activities/abandoned.ts'], tests: ['test/integration/never-stuck.test.ts'] },
  { sources: ['activities/deletion.ts'], tests: ['test/integration/deletion.test.ts'] },
  { sources: ['activities/repositories.ts'], tests: ['test/integration/scheduled-refresh.test.ts'] },
  {
    sources: ['activities/inputs/'],
    tests: ['test/integration/remedies/git-commits.test.ts'],
  },
  { sources: ['ui/'], tests: ['ui/remedies.test.ts'] },
  {
    sources: ['cluster/', 'core/sync/', 'activities/session/'],
    tests: ['test/integration/remedies.test.ts', 'test/integration/refusals.test.ts'],
  },
  {
    sources: ['cluster/'],
    tests: ['test/conformance/remedies/cluster.test.ts', 'test/integration/remedies/cluster.test.ts'],
  },
  {
    sources: ['cluster/recreate-object.ts', 'activities/hooks.ts', 'core/sync/judge-delete.ts'],
    tests: ['test/integration/judged-deletions.test.ts', 'test/integration/judged-hooks.test.ts'],
  },
  { sources: ['core/sync/installation/'], tests: ['test/integration/installations.test.ts'] },
  { sources: ['core/sync/presumed-wait.ts'], tests: ['test/integration/never-stuck.test.ts'] },
  { sources: ['platform/sandbox/', 'bin/up/isolation.ts'], tests: ['test/integration/sandbox.test.ts'] },
  {
    sources: ['bin/', 'local/', 'db/settings-source.ts', 'platform/chosen-tool.ts', 'platform/gotemplate/'],
    tests: [
      'test/conformance/remedies/local.test.ts',
      'test/integration/remedies/objects.test.ts',
      'test/integration/remedies/start.test.ts',
    ],
  },
  {
    sources: ['core/sync/deletion.ts', 'db/', 'engine/', 'bin/cluster-clients.ts', 'workflows/'],
    tests: ['test/integration/remedies/operations.test.ts', 'test/integration/db-retention.test.ts'],
  },
];
