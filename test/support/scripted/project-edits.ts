/** The spec that the project has before each line. */
export const before = {
  description: 'old',
  sourceRepos: ['https://git.example.com/a.git'],
  sourceNamespaces: ['ns-a'],
  destinations: [
    { server: 'https://one', namespace: 'a' },
    { name: 'two', namespace: 'b' },
  ],
  destinationServiceAccounts: [{ server: 'https://one', namespace: 'a', defaultServiceAccount: 'sa' }],
  clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }],
  namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }],
  orphanedResources: { warn: false, ignore: [{ group: 'apps', kind: 'Deployment', name: 'x-*' }] },
  signatureKeys: [{ keyID: '0123456789ABCDEF' }],
  roles: [{ name: 'ci', groups: ['builders'] }],
  syncWindows: [
    { kind: 'allow', schedule: '0 22 * * *', duration: '1h', applications: ['*'], timeZone: 'UTC' },
    { kind: 'deny', schedule: '* * * * *', duration: '1h', clusters: ['c'], manualSync: true },
  ],
};

/** A line of the command line, in which P is the project, with what it changes of the spec and what it prints. */
type Edit = readonly [line: string, changes: Record<string, unknown>, prints?: string];

const policy = (line: string): string => `p, proj:P:ci, ${line}`;
const [allows, denies] = before.syncWindows;

/** Every command that edits, with what it makes of the spec and what it prints. */
export const edits: readonly Edit[] = [
  [
    'proj set P --description new --src https://b --src https://c',
    { description: 'new', sourceRepos: ['https://b', 'https://c'] },
  ],
  [
    'proj set P -d https://x,ns -d https://y,*',
    {
      destinations: [
        { server: 'https://x', namespace: 'ns' },
        { server: 'https://y', namespace: '*' },
      ],
    },
  ],
  [
    'proj set P --allow-cluster-resource rbac.authorization.k8s.io/* --deny-cluster-resource Node --allow-namespaced-resource apps/Deployment --deny-namespaced-resource Pod',
    {
      clusterResourceWhitelist: [{ group: 'rbac.authorization.k8s.io', kind: '*' }],
      clusterResourceBlacklist: [{ group: '', kind: 'Node' }],
      namespaceResourceWhitelist: [{ group: 'apps', kind: 'Deployment' }],
      namespaceResourceBlacklist: [{ group: '', kind: 'Pod' }],
    },
  ],
  [
    'proj set P --signature-keys 0123456789ABCDEF,FEDCBA9876543210 --source-namespaces x,y --dest-service-accounts https://x,ns,acc',
    {
      signatureKeys: [{ keyID: '0123456789ABCDEF' }, { keyID: 'FEDCBA9876543210' }],
      sourceNamespaces: ['x', 'y'],
      destinationServiceAccounts: [{ server: 'https://x', namespace: 'ns', defaultServiceAccount: 'acc' }],
    },
  ],
  [
    'proj set P --allow-cluster-resource /Namespace/team-* --deny-cluster-resource ClusterRole',
    {
      clusterResourceWhitelist: [{ group: '', kind: 'Namespace', name: 'team-*' }],
      clusterResourceBlacklist: [{ group: '', kind: 'ClusterRole' }],
    },
  ],
  ['proj set P --orphaned-resources', { orphanedResources: {} }],
  ['proj set P --orphaned-resources-warn=true', { orphanedResources: { warn: true } }],
  ['proj set P --orphaned-resources=false', { orphanedResources: undefined }],
  ['proj add-source P https://b', { sourceRepos: [...before.sourceRepos, 'https://b'] }],
  [
    'proj add-source P git@git.example.com:a',
    { sourceRepos: [...before.sourceRepos, 'git@git.example.com:a'] },
  ],
  [
    'proj add-source P https://GIT.example.com/a',
    {},
    "Source repository 'https://git.example.com/a.git' already allowed in project\n",
  ],
  ['proj remove-source P https://git.example.com/a.git', { sourceRepos: [] }],
  ['proj remove-source P https://other', {}, "Source repository 'https://other' does not exist in project\n"],
  ['proj add-source-namespace P ns-b', { sourceNamespaces: ['ns-a', 'ns-b'] }],
  ['proj add-source-namespace P ns-a', {}, "Source namespace 'ns-a' already allowed in project\n"],
  ['proj remove-source-namespace P ns-a', { sourceNamespaces: [] }],
  [
    'proj remove-source-namespace P ns-b',
    {},
    "Source namespace 'ns-b' does not exist in project or cannot be removed\n",
  ],
  [
    'proj add-destination P https://x ns',
    { destinations: [...before.destinations, { server: 'https://x', namespace: 'ns' }] },
  ],
  [
    'proj add-destination P three ns --name',
    { destinations: [...before.destinations, { name: 'three', namespace: 'ns' }] },
  ],
  ['proj remove-destination P https://one a', { destinations: before.destinations.slice(1) }],
  ['proj remove-destination P two b --name', { destinations: before.destinations.slice(0, 1) }],
  [
    'proj add-destination-service-account P https://x ns acc --service-account-namespace other',
    {
      destinationServiceAccounts: [
        ...before.destinationServiceAccounts,
        { server: 'https://x', namespace: 'ns', defaultServiceAccount: 'other:acc' },
      ],
    },
  ],
  ['proj remove-destination-service-account P https://one a sa', { destinationServiceAccounts: [] }],
  [
    'proj add-orphaned-ignore P batch Job',
    {
      orphanedResources: {
        warn: false,
        ignore: [...before.orphanedResources.ignore, { group: 'batch', kind: 'Job' }],
      },
    },
  ],
  [
    'proj remove-orphaned-ignore P apps Deployment --name x-*',
    { orphanedResources: { warn: false, ignore: [] } },
  ],
  [
    'proj add-signature-key P FEDCBA9876543210',
    { signatureKeys: [...before.signatureKeys, { keyID: 'FEDCBA9876543210' }] },
  ],
  ['proj remove-signature-key P 0123456789abcdef', { signatureKeys: [] }],
  [
    "proj allow-cluster-resource P '' Node",
    { clusterResourceWhitelist: [...before.clusterResourceWhitelist, { group: '', kind: 'Node' }] },
    "Group '' and kind 'Node' is added to allowed cluster resources\n",
  ],
  [
    "proj allow-cluster-resource P '' Namespace",
    {},
    "Group '' and kind 'Namespace' already present in allowed cluster resources\n",
  ],
  [
    "proj deny-cluster-resource P '' Namespace",
    { clusterResourceWhitelist: [] },
    "Group '' and kind 'Namespace' is removed from allowed cluster resources\n",
  ],
  [
    "proj deny-cluster-resource P '' Node -l deny",
    { clusterResourceBlacklist: [{ group: '', kind: 'Node' }] },
    "Group '' and kind 'Node' is added to denied cluster resources\n",
  ],
  [
    "proj allow-namespace-resource P '' Secret",
    { namespaceResourceBlacklist: [] },
    "Group '' and kind 'Secret' is removed from denied namespaced resources\n",
  ],
  [
    "proj allow-namespace-resource P '' Pod",
    {},
    "Group '' and kind 'Pod' not in denied namespaced resources\n",
  ],
  [
    "proj deny-namespace-resource P '' Pod",
    { namespaceResourceBlacklist: [...before.namespaceResourceBlacklist, { group: '', kind: 'Pod' }] },
    "Group '' and kind 'Pod' is added to denied namespaced resources\n",
  ],
  [
    'proj allow-namespace-resource P apps * --list allow',
    { namespaceResourceWhitelist: [{ group: 'apps', kind: '*' }] },
    "Group 'apps' and kind '*' is added to allowed namespaced resources\n",
  ],
  [
    'proj role create P ops --description people',
    { roles: [...before.roles, { name: 'ops', description: 'people' }] },
    "Role 'ops' created\n",
  ],
  ['proj role create P ci', {}, "Role 'ci' already exists\n"],
  ['proj role delete P ci', { roles: undefined }, "Role 'ci' deleted\n"],
  ['proj role delete P ops', {}, "Role 'ops' does not exist in project\n"],
  [
    'proj role add-policy P ci -a sync -o *',
    { roles: [{ ...before.roles[0], policies: [policy('applications, sync, P/*, allow')] }] },
  ],
  [
    'proj role add-policy P ci -a get -o web -p deny -r logs',
    { roles: [{ ...before.roles[0], policies: [policy('logs, get, P/web, deny')] }] },
  ],
  [
    'proj role remove-policy P ci -a get -o web',
    {},
    "Policy 'p, proj:P:ci, applications, get, P/web, allow' not present in role 'ci'\n",
  ],
  [
    'proj role add-group P ci people',
    { roles: [{ name: 'ci', groups: ['builders', 'people'] }] },
    "Group 'people' added to role 'ci'\n",
  ],
  ['proj role add-group P ci builders', {}, "Group 'builders' already present in role 'ci'\n"],
  [
    'proj role remove-group P ci builders',
    { roles: [{ name: 'ci', groups: [] }] },
    "Group 'builders' removed from role 'ci'\n",
  ],
  ['proj role remove-group P ci people', {}, "Group 'people' not present in role 'ci'\n"],
  [
    "proj windows add P -k deny --schedule '0 1 * * *' --duration 2h --applications web,db-* --namespaces n --clusters c --manual-sync --time-zone Asia/Tokyo --use-and-operator --sync-overrun --description night",
    {
      syncWindows: [
        ...before.syncWindows,
        {
          kind: 'deny',
          schedule: '0 1 * * *',
          duration: '2h',
          applications: ['web', 'db-*'],
          namespaces: ['n'],
          clusters: ['c'],
          manualSync: true,
          timeZone: 'Asia/Tokyo',
          andOperator: true,
          syncOverrun: true,
          description: 'night',
        },
      ],
    },
  ],
  [
    "proj windows update P 0 --schedule '0 2 * * *' --applications web",
    { syncWindows: [{ ...allows, schedule: '0 2 * * *', applications: ['web'] }, denies] },
  ],
  [
    'proj windows update P 0 --time-zone Asia/Tokyo --description x',
    { syncWindows: [{ ...allows, timeZone: 'Asia/Tokyo', description: 'x' }, denies] },
  ],
  ['proj windows delete P 0', { syncWindows: [denies] }],
  ['proj windows enable-manual-sync P 0', { syncWindows: [{ ...allows, manualSync: true }, denies] }],
  ['proj windows disable-manual-sync P 1', { syncWindows: [allows, { ...denies, manualSync: false }] }],
];
