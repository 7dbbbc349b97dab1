/** Who may import whom: the table of ARCHITECTURE.md as rules. */
const folders = [
  'activities',
  'api',
  'bench',
  'bin',
  'cli',
  'cluster',
  'control',
  'core',
  'db',
  'engine',
  'local',
  'platform',
  'test',
  'ui',
  'workflows',
];

/** Everything outside `allowed` is forbidden to the folder, tests beside the files excepted. */
function only(from, allowed, extra = {}) {
  const forbidden = folders.filter((folder) => folder !== from && !allowed.includes(folder));
  return {
    name: `${from}-imports-only-${allowed.join('-and-') || 'itself'}`,
    severity: 'error',
    from: { path: `^${from}/`, pathNot: '\\.test\\.tsx?$' },
    to: { path: `^(${forbidden.join('|')})/`, ...extra },
  };
}

module.exports = {
  forbidden: [
    // Of types neither: those that need each other say that neither is understood alone.
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    only('core', []),
    {
      name: 'core-is-pure',
      severity: 'error',
      from: { path: '^core/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    only('platform', ['core']),
    only('cluster', ['core', 'platform']),
    only('db', ['core', 'platform']),
    {
      name: 'activities-know-workflows-by-type-only',
      severity: 'error',
      from: { path: '^activities/', pathNot: '\\.test\\.ts$' },
      to: { path: '^workflows/', dependencyTypesNot: ['type-only'] },
    },
    only('engine', ['core', 'workflows']),
    {
      name: 'control-knows-clusters-and-engine-by-type-only',
      severity: 'error',
      from: { path: '^control/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(cluster|engine)/', dependencyTypesNot: ['type-only'] },
    },
    only('control', ['cluster', 'core', 'db', 'engine', 'platform']),
    only('activities', ['cluster', 'control', 'core', 'db', 'engine', 'platform', 'workflows']),
    {
      name: 'workflows-know-activities-by-type-only',
      severity: 'error',
      from: { path: '^workflows/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(activities|core)/', dependencyTypesNot: ['type-only'] },
    },
    only('workflows', ['activities', 'core']),
    {
      name: 'api-knows-clusters-by-type-only',
      severity: 'error',
      from: { path: '^api/', pathNot: '\\.test\\.ts$' },
      to: { path: '^cluster/', dependencyTypesNot: ['type-only'] },
    },
    only('api', ['cluster', 'control', 'core', 'db', 'engine', 'platform']),
    // The offline forms of `admin settings` run the very engines that the server runs.
    only('cli', ['core'], { pathNot: '^platform/(lua|jq)/' }),
    only('ui', ['core']),
    only('local', ['core', 'platform']),
    {
      name: 'nobody-imports-roots',
      severity: 'error',
      from: {
        path: '^(activities|api|cli|cluster|control|core|db|engine|local|platform|ui|workflows)/',
        pathNot: '\\.test\\.tsx?$',
      },
      to: { path: '^(bench|bin|test)/' },
    },
    {
      // Only where something is missing does a role load it, on a developer's machine.
      name: 'roles-do-without-the-local-platform',
      severity: 'error',
      from: { path: '^bin/', pathNot: '^bin/(up/|up\\.ts$|tools\\.ts$)' },
      to: { path: '^(local|bin/up)/', dynamic: false },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.keelson)/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
