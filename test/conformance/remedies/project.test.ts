import { describe } from 'vitest';
import { formatIssue } from '../../../core/issue.ts';
import { effectiveProject } from '../../../core/project/effective.ts';
import { readProject } from '../../../core/project/read-project.ts';
import { serviceAccountFor } from '../../../core/project/roles/service-account.ts';
import { requestFault } from '../../../core/rbac/known-requests.ts';
import { compilePolicy } from '../../../core/rbac/policy/compile.ts';
import { policyProject } from '../../../core/rbac/policy/projects.ts';
import type { MatchMode } from '../../../core/rbac/policy/rules.ts';
import { readRbacSettings } from '../../../core/rbac/policy/settings.ts';
import { type Followed, followEach, problemsOf } from '../../support/hostile/remedies.ts';

const head = { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject' };

/** What is refused, and what is noted. */
const problemsOfProject = (input: object): string[] => {
  const { issues, notes } = readProject({ ...head, metadata: { name: 'team' }, ...input });
  return [...(issues ?? []), ...(notes ?? [])].map(formatIssue);
};

const spec = (says: string, fault: object, helped: object): Followed<object> => [
  says,
  { spec: fault },
  { spec: helped },
];

const window = { kind: 'deny', schedule: '0 22 * * *', duration: '8h', clusters: ['*'] };
const windows = (says: string, fault: object, helped: object): Followed<object> =>
  spec(says, { syncWindows: [{ ...window, ...fault }] }, { syncWindows: [{ ...window, ...helped }] });
const schedule = (says: string, fault: string, helped: string): Followed<object> =>
  windows(says, { schedule: fault }, { schedule: helped });

const role = (says: string, fault: object, helped: object): Followed<object> =>
  spec(says, { roles: [{ name: 'dev', ...fault }] }, { roles: [{ name: 'dev', ...helped }] });
const policy = (says: string, fault: string, helped: string): Followed<object> =>
  role(says, { policies: [fault] }, { policies: [helped] });
const rest = 'applications, get, team/*, allow';

describe('a project', () => {
  followEach(problemsOfProject, [
    [
      '"Team_1" is not a valid name of a project; use at most 253 lower-case letters, digits, "-" and "."',
      { metadata: { name: 'Team_1' }, spec: {} },
      { metadata: { name: 'team-1.a' }, spec: {} },
    ],
    spec(
      'denies everything; remove it, for what is not listed is not permitted',
      { sourceRepos: ['!*'] },
      { sourceRepos: [] },
    ),
    ...['https://git.example.com/a', '*'].map((one) =>
      spec('is empty; write an address, or * for every one', { sourceRepos: [''] }, { sourceRepos: [one] }),
    ),
    spec(
      '"https://[z-a]" is not a pattern; close its brackets and write its ranges upwards',
      { sourceRepos: ['https://[z-a]'] },
      { sourceRepos: ['https://[a-z]'] },
    ),
    spec(
      '"[a" is not a pattern; close its brackets and write its ranges upwards',
      { namespaceResourceBlacklist: [{ group: '', kind: '[a' }] },
      { namespaceResourceBlacklist: [{ group: '', kind: '[a]' }] },
    ),
    ...[{ server: 'https://a' }, { name: 'a' }, { server: '*' }].map((one) =>
      spec(
        'names no cluster; set server or name, or * for every one',
        { destinations: [{ namespace: 'a' }] },
        { destinations: [{ namespace: 'a', ...one }] },
      ),
    ),
    ...['/^(a|b)$/', '{a,b}'].map((one) =>
      spec(
        '/(a/ is not a regular expression; correct it, or write a glob',
        { sourceNamespaces: ['/(a/'] },
        { sourceNamespaces: [one] },
      ),
    ),
    spec(
      'says the same as spec.sourceRepos[0]; remove one of them',
      { sourceRepos: ['*', '*'] },
      { sourceRepos: ['*'] },
    ),
    ...['deployer', 'ops:deployer'].map((one) =>
      spec(
        'names no account; write a name or namespace:name',
        { destinationServiceAccounts: [{ server: '*', defaultServiceAccount: '' }] },
        { destinationServiceAccounts: [{ server: '*', defaultServiceAccount: one }] },
      ),
    ),
    spec(
      'is not known here, is kept and does nothing; write sourceRepos if you mean it',
      { sourceRepo: ['*'] },
      { sourceRepos: ['*'] },
    ),
    spec('is not known here, is kept and does nothing; remove it', { quux: 1 }, {}),
  ]);
});

describe('a role of a project', () => {
  followEach(problemsOfProject, [
    role(
      '"-x" is not a valid name of a role; use letters, digits, "-" and "_", with a letter or digit at both ends',
      { name: '-x' },
      { name: 'x-_1' },
    ),
    ...['my-team', '"cn=a,dc=b"'].map((group) =>
      role(
        'is not a group; write a name, in quotes if it has a comma',
        { groups: ['cn=a,dc=b'] },
        { groups: [group] },
      ),
    ),
    ...['allow', 'deny'].map((effect) =>
      policy(
        'is no policy; write it as p, subject, resource, action, object, allow or deny',
        'get everything',
        `p, proj:team:dev, applications, get, team/*, ${effect}`,
      ),
    ),
    policy('has the subject "dev"; write proj:team:dev', `p, dev, ${rest}`, `p, proj:team:dev, ${rest}`),
    ...['applications', 'applicationsets', 'logs', 'exec', 'clusters', 'repositories'].map((one) =>
      policy(
        'has the resource "accounts"; write one of applications, applicationsets, logs, exec, clusters, repositories, ',
        'p, proj:team:dev, accounts, get, team/*, allow',
        `p, proj:team:dev, ${one}, get, team/*, allow`,
      ),
    ),
    ...['*', 'get', 'create', 'update', 'delete', 'sync', 'override', 'rollback'].map((one) =>
      policy(
        'has the action "look"; write one of *, get, create, update, delete, sync, override, rollback',
        'p, proj:team:dev, applications, look, team/*, allow',
        `p, proj:team:dev, applications, ${one}, team/*, allow`,
      ),
    ),
    ...['team/web', 'team/*'].map((one) =>
      policy(
        'has the object "web"; write team/ and a name or *',
        'p, proj:team:dev, applications, get, web, allow',
        `p, proj:team:dev, applications, get, ${one}, allow`,
      ),
    ),
    ...['allow', 'deny'].map((one) =>
      policy(
        'has the effect "yes"; write allow or deny',
        'p, proj:team:dev, applications, get, team/*, yes',
        `p, proj:team:dev, applications, get, team/*, ${one}`,
      ),
    ),
  ]);
});

describe('a sync window', () => {
  followEach(problemsOfProject, [
    ...['allow', 'deny'].map((kind) => windows('is "Deny"; write allow or deny', { kind: 'Deny' }, { kind })),
    ...['8h', '1h30m'].map((duration) =>
      windows(
        '"1d" is not a duration; write hours and minutes such as 8h or 1h30m',
        { duration: '1d' },
        { duration },
      ),
    ),
    ...['applications', 'namespaces', 'clusters'].map((field) =>
      windows(
        'is for nothing; set applications, namespaces or clusters',
        { clusters: [] },
        { clusters: [], [field]: ['*'] },
      ),
    ),
    windows(
      'is longer than 255 characters; shorten it',
      { description: 'x'.repeat(256) },
      { description: 'x' },
    ),
    windows(
      '"Asia/Tokio" is not a time zone and is taken as UTC; write one such as Asia/Tokyo',
      { timeZone: 'Asia/Tokio' },
      { timeZone: 'Asia/Tokyo' },
    ),
    schedule('it is longer than 1024 characters; shorten it', `${'1,'.repeat(600)}1 * * * *`, '1 * * * *'),
    windows(
      'a window has its own field for the zone; set timeZone',
      { schedule: 'TZ=Asia/Tokyo 0 22 * * *' },
      { schedule: '0 22 * * *', timeZone: 'Asia/Tokyo' },
    ),
    schedule('@every is not known; write it as five fields', '@every 1h', '0 * * * *'),
    schedule(
      'it has 2 fields, not 5; write minute, hour, day of the month, month, day of the week',
      '0 22',
      '0 22 * * *',
    ),
    schedule('minute "," names none; write * for each', ', 22 * * *', '* 22 * * *'),
    schedule('minute "*/5/5" has several steps; keep one', '*/5/5 * * * *', '*/5 * * * *'),
    schedule('minute "*/0" has no number above 0 for its step; correct it', '*/0 * * * *', '*/1 * * * *'),
    schedule(
      'hour "1-2-3" has several hyphens; separate ranges by commas',
      '0 1-2-3 * * *',
      '0 1-2,2-3 * * *',
    ),
    schedule(
      'hour "x" is neither a number nor a name; write numbers from 0 to 23',
      '0 x * * *',
      '0 23 * * *',
    ),
    schedule('day of the week "7" is out of range; write numbers from 0 to 6', '0 0 * * 7', '0 0 * * 0'),
    schedule('hour "22-6" ends before it begins; turn it around', '0 22-6 * * *', '0 6-22 * * *'),
    schedule('no day fits it; correct it', '0 0 30 2 *', '0 0 28 2 *'),
  ]);
});

type Text = { readonly text: string; readonly mode?: MatchMode };
const problemsOfPolicy = ({ text, mode = 'glob' }: Text): string[] =>
  compilePolicy({ texts: [{ name: 'policy.csv', text }], projects: [], defaultRole: '', mode }).issues.map(
    formatIssue,
  );
const line = (says: string, fault: string, helped: string): Followed<Text> => [
  says,
  { text: fault },
  { text: helped },
];
const good = 'p, dev, applications, get, */*, allow';

describe('a line of a policy', () => {
  followEach(problemsOfPolicy, [
    ...['p, "dev", applications, get, */*, allow', good].map((one) =>
      line(
        'has quotes that are not closed; close or remove them',
        'p, "dev, applications, get, */*, allow',
        one,
      ),
    ),
    ...[good, 'g, dev, role:readonly'].map((one) =>
      line(
        'begins with "q"; write p, subject, resource, action, object, allow or deny, or g, user or group, role',
        'q, dev',
        one,
      ),
    ),
    line(
      'has 5 fields, not 6; write it as p, subject, resource, action, object, allow or deny',
      'p, dev, applications, get, */*',
      good,
    ),
    line('has 2 fields, not 3; write it as g, user or group, role', 'g, dev', 'g, dev, role:readonly'),
    line('has a blank after "dev"; remove it', 'p, dev , applications, get, */*, allow', good),
    ...['alice', 'my-org:team', 'role:dev'].map((subject) =>
      line(
        'names no subject; write a user, a group or a role',
        'p, , applications, get, */*, allow',
        `p, ${subject}, applications, get, */*, allow`,
      ),
    ),
    ...['allow', 'deny'].map((effect) =>
      line(
        'has the effect "yes"; write allow or deny at its end',
        'p, dev, applications, get, */*, yes',
        `p, dev, applications, get, */*, ${effect}`,
      ),
    ),
    line(
      'gives nobody anything; write a user or group, and a role',
      'g, , role:readonly',
      'g, dev, role:readonly',
    ),
    line(
      'has "[z-a]", which is no glob; write its ranges upwards and at most 1024 characters',
      'p, dev, applications, get, [z-a], allow',
      'p, dev, applications, get, [a-z], allow',
    ),
    line(
      'which is no glob; write its ranges upwards and at most 1024 characters',
      `p, dev, applications, get, ${'x'.repeat(1025)}, allow`,
      `p, dev, applications, get, ${'x'.repeat(1024)}, allow`,
    ),
    [
      'has "*", which is no regular expression; correct it, such as .* for everything',
      { text: 'p, dev, applications, *, .*, allow', mode: 'regex' },
      { text: 'p, dev, applications, .*, .*, allow', mode: 'regex' },
    ],
  ]);
});

describe('the settings of policies', () => {
  followEach(
    (data: Readonly<Record<string, string>>) => readRbacSettings(data).issues.map(formatIssue),
    ['glob', 'regex'].map(
      (mode): Followed<Readonly<Record<string, string>>> => [
        'is taken as glob; write glob or regex',
        { 'policy.matchMode': 'Regexp' },
        { 'policy.matchMode': mode },
      ],
    ),
  );
});

describe('the project of an application', () => {
  const all = new Map(
    ['default', 'team'].map((name) => [name, { name, labels: {}, spec: {}, clusters: [] }] as const),
  );
  const judge = ({ name, stored }: { name: string; stored: string[] }) => {
    const known = new Map([...all].filter(([one]) => stored.includes(one)));
    const project = effectiveProject(name, [], known);
    return project.usable ? [] : [project.message];
  };
  const missing = 'application references project team which does not exist; create it or use "default"';
  followEach(judge, [
    [missing, { name: 'team', stored: ['default'] }, { name: 'team', stored: ['default', 'team'] }],
    [missing, { name: 'team', stored: ['default'] }, { name: 'default', stored: ['default'] }],
  ]);
});

describe('an account that objects are applied as', () => {
  const target = { server: 'https://prod', namespace: 'shop', applicationNamespace: 'argocd' };
  const entry = { server: 'https://prod', namespace: 'shop', defaultServiceAccount: 'deployer' };
  followEach(
    (destinationServiceAccounts: readonly (typeof entry)[]) =>
      problemsOf(() =>
        serviceAccountFor(
          {
            metadata: { name: 'team' },
            spec: { destinationServiceAccounts: [...destinationServiceAccounts] },
          },
          target,
        ),
      ),
    [
      [
        'project team: has no service account for server https://prod and namespace "shop"; set one in destinationServiceAccounts',
        [],
        [entry],
      ],
      [
        'project team: has "[z-a]" in destinationServiceAccounts, which is no glob; correct it',
        [{ ...entry, namespace: '[z-a]' }],
        [{ ...entry, namespace: '[a-z]*' }],
      ],
    ],
  );
});

describe('roles as they are stored', () => {
  followEach(
    (roles: unknown) => (policyProject({ name: 'team', spec: { roles } }).issues ?? []).map(formatIssue),
    [['project team, roles: is no list; write one', { name: 'dev' }, [{ name: 'dev' }]]],
  );
});

describe('a right that is asked for', () => {
  followEach(
    ([resource, action]: readonly [string, string]) => [requestFault(resource, action) ?? []].flat(),
    [
      ['"pods" is not a resource; use one of accounts, ', ['pods', 'get'], ['accounts', 'get']],
      ['"fly" is not an action on logs; use one of get', ['logs', 'fly'], ['logs', 'get']],
    ],
  );
});
