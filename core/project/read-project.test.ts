import { describe, expect, it } from 'vitest';
import { formatIssue } from '../issue.ts';
import { readProject } from './read-project.ts';

const head = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'team', namespace: 'argocd' },
};
const project = (spec: object, more: object = {}) => ({ ...head, spec, ...more });

const full = {
  description: 'all that there is',
  sourceRepos: ['https://git.example.com/team/*', '!https://git.example.com/team/secret'],
  destinations: [
    { server: 'https://kubernetes.default.svc', namespace: 'team-*' },
    { name: '!prod', namespace: '*' },
  ],
  sourceNamespaces: ['team-*', '/^team-[0-9]+$/'],
  clusterResourceWhitelist: [{ group: '', kind: 'Namespace', name: 'team-*' }],
  clusterResourceBlacklist: [{ group: 'rbac.authorization.k8s.io', kind: '*' }],
  namespaceResourceWhitelist: [{ group: 'apps', kind: 'Deployment' }],
  namespaceResourceBlacklist: [{ group: '', kind: 'ResourceQuota' }],
  orphanedResources: { warn: true, ignore: [{ group: 'apps', kind: 'Deployment', name: 'x-*' }] },
  signatureKeys: [{ keyID: '4AEE18F83AFDEB23' }],
  roles: [
    {
      name: 'developer',
      description: 'who develops',
      policies: [
        'p, proj:team:developer, applications, get, team/*, allow',
        'p, proj:team:developer, applications, action/apps/Deployment/restart, team/web, deny',
        'p,proj:team:developer,logs,get,team/other/web,allow',
        'p, proj:team:developer, approvals, get, team/*, allow',
      ],
      groups: ['my-org:developers', '"cn=dev,dc=example"'],
      jwtTokens: [{ iat: 1_700_000_000, exp: 1_800_000_000, id: 'one' }],
    },
  ],
  syncWindows: [
    {
      kind: 'allow',
      schedule: '0 6-22 * * 1-5',
      duration: '16h',
      applications: ['*'],
      namespaces: ['team-*'],
      clusters: ['in-cluster'],
      manualSync: true,
      andOperator: true,
      syncOverrun: true,
      timeZone: 'Asia/Tokyo',
      description: 'office hours',
    },
  ],
  destinationServiceAccounts: [{ server: '*', namespace: '*', defaultServiceAccount: 'ops:deployer' }],
  permitOnlyProjectScopedClusters: true,
};

describe('core/project/project', () => {
  it('reads every field, and none is noted', () => {
    const read = readProject(
      project(full, { status: { jwtTokensByRole: { developer: { items: [{ iat: 1 }] } } } }),
    );
    expect(read.issues).toBeUndefined();
    expect(read.value?.spec).toEqual(full);
    expect(read.value?.status?.jwtTokensByRole?.['developer']?.items).toEqual([{ iat: 1 }]);
    expect(read.notes).toEqual([]);
  });

  it('reads the project of the guide', () => {
    const guide = {
      description: 'Backend team project',
      sourceRepos: ['https://github.com/my-org/backend-*'],
      destinations: [{ server: 'https://kubernetes.default.svc', namespace: 'backend-*' }],
      clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }],
      roles: [
        {
          name: 'developer',
          policies: [
            'p, proj:team:developer, applications, get, team/*, allow',
            'p, proj:team:developer, applications, sync, team/*, allow',
          ],
          groups: ['my-org:backend-developers'],
        },
      ],
      syncWindows: [
        {
          kind: 'allow',
          schedule: '0 6-22 * * 1-5',
          duration: '16h',
          applications: ['*'],
          timeZone: 'Asia/Tokyo',
        },
      ],
    };
    expect(readProject(project(guide))).toMatchObject({ value: { spec: guide }, notes: [] });
  });

  it('reads an empty project, and null as absent', () => {
    expect(readProject(project({})).value?.spec).toEqual({});
    const { value } = readProject(project({ namespaceResourceWhitelist: null, sourceRepos: null }));
    expect(value?.spec).toEqual({});
    expect(readProject(project({ namespaceResourceWhitelist: [] })).value?.spec).toEqual({
      namespaceResourceWhitelist: [],
    });
  });

  it('keeps what it does not know and notes it with what may be meant', () => {
    const read = readProject(
      project({
        sourceRepo: ['*'],
        destinations: [{ server: '*', namespaces: '*' }],
        orphanedResources: { quux: 1 },
        syncWindows: [
          { kind: 'deny', schedule: '* * * * *', duration: '1h', clusters: ['*'], toString: 'x' },
        ],
      }),
    );
    expect(read.value?.spec['sourceRepo']).toEqual(['*']);
    expect(read.notes?.map(formatIssue)).toEqual([
      'spec.destinations[0].namespaces: is not known here, is kept and does nothing; write namespace if you mean it',
      'spec.orphanedResources.quux: is not known here, is kept and does nothing; remove it',
      'spec.sourceRepo: is not known here, is kept and does nothing; write sourceRepos if you mean it',
      'spec.syncWindows[0].toString: is not known here, is kept and does nothing; remove it',
    ]);
  });

  it('notes a time zone that is none, which counts as UTC', () => {
    const window = {
      kind: 'deny',
      schedule: '* * * * *',
      duration: '1h',
      clusters: ['*'],
      timeZone: 'Asia/Tokio',
    };
    expect(readProject(project({ syncWindows: [window] })).notes?.map(({ path }) => path)).toEqual([
      'spec.syncWindows[0].timeZone',
    ]);
  });

  it('returns all issues at once, each with its path', () => {
    const { issues } = readProject({
      ...project({
        sourceRepos: ['!*', '', 'https://x/[z-a]', '*', '*'],
        destinations: [{ namespace: '*' }, { server: '!*', name: '{[z-a]' }],
        sourceNamespaces: ['/(/', '[z-a]'],
        clusterResourceBlacklist: [{ group: '[', kind: '\\' }],
        roles: [{ name: '-', policies: ['x'] }, { name: 'a', groups: ['x,y', '', 'g', 'g'] }, { name: 'a' }],
        syncWindows: [
          { kind: 'x', schedule: '* * * * *', duration: '1h', clusters: ['[z-a]'] },
          { kind: 'deny', schedule: '* * * * *', duration: '1h', description: 'x'.repeat(256) },
        ],
        destinationServiceAccounts: [{ server: '*', defaultServiceAccount: 'a:b:c' }],
      }),
      metadata: { name: 'Team' },
    });
    expect(issues?.map(({ path }) => path)).toEqual([
      'metadata.name',
      'spec.sourceRepos[0]',
      'spec.sourceRepos[1]',
      'spec.sourceRepos[2]',
      'spec.sourceRepos[4]',
      'spec.destinations[0]',
      'spec.destinations[1].server',
      'spec.destinations[1].name',
      'spec.sourceNamespaces[0]',
      'spec.sourceNamespaces[1]',
      'spec.clusterResourceBlacklist[0].group',
      'spec.clusterResourceBlacklist[0].kind',
      'spec.roles[0].name',
      'spec.roles[0].policies[0]',
      'spec.roles[1].groups[0]',
      'spec.roles[1].groups[1]',
      'spec.roles[1].groups[3]',
      'spec.roles[2].name',
      'spec.syncWindows[0].kind',
      'spec.syncWindows[0].clusters[0]',
      'spec.syncWindows[1]',
      'spec.syncWindows[1].description',
      'spec.destinationServiceAccounts[0].defaultServiceAccount',
    ]);
    for (const { message } of issues ?? []) expect(message).toMatch(/; [a-z]+ /);
  });

  it.each([
    [{ sourceRepos: '*' }, 'spec.sourceRepos: must be a list, not a text'],
    [{ roles: [{}] }, 'spec.roles[0].name: is missing'],
    [{ syncWindows: [{ manualSync: 'yes' }] }, 'spec.syncWindows[0].manualSync: must be true or false'],
    [{ destinations: [{ server: 1 }] }, 'spec.destinations[0].server: must be a text'],
    [{ clusterResourceWhitelist: [{ kind: 'A' }] }, 'spec.clusterResourceWhitelist[0].group: is missing'],
  ])('says what of %j has another form', (spec, words) => {
    expect(readProject(project(spec)).issues?.map(formatIssue).join('\n')).toContain(words);
  });

  it('refuses what is no AppProject', () => {
    expect(readProject({ ...project({}), kind: 'Application' }).issues).toHaveLength(1);
    expect(readProject(null).issues).toHaveLength(1);
    expect(readProject(project({ description: 'a\u0000b' })).issues?.[0]?.path).toBe('spec.description');
  });

  it('takes windows for the same only where all that counts is', () => {
    const window = { kind: 'deny', schedule: '* * * * *', duration: '1h', clusters: ['*'] };
    expect(
      readProject(project({ syncWindows: [window, { ...window, timeZone: 'Asia/Tokyo' }] })).issues,
    ).toBeUndefined();
    expect(
      readProject(project({ syncWindows: [window, { ...window, manualSync: true }] })).issues,
    ).toHaveLength(1);
  });
});
