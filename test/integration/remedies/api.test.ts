import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { wellKnownHosts } from '../../../core/repository/known-hosts.ts';
import { type Followed, followEach } from '../../support/hostile/remedies.ts';
import { at, guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';

let server: TestApi;
const secret = 'canary-webhook-secret';
const automated = { syncPolicy: { automated: {} } };

beforeAll(async () => {
  server = await startApi({ config: { webhookSecrets: { github: secret } } });
  for (const application of [guestbook('web'), guestbook('automated', automated), guestbook('going')]) {
    await server.call('POST', applications, application);
  }
});
afterAll(() => server.close());

type Call = readonly [
  method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT',
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
];

/** What a reply that is no success says. */
async function problemsOfCall([method, path, body, headers]: Call): Promise<string[]> {
  const reply = await server.call(method, path, body, headers);
  return reply.status < 300 ? [] : [String(at(reply.body, 'message') ?? reply.body)];
}

const applications = '/api/v1/applications';
const post = (path: string, fault: unknown, helped: unknown): readonly [Call, Call] => [
  ['POST', path, fault],
  ['POST', path, helped],
];
const ask = (fault: string, helped: string): readonly [Call, Call] => [
  ['GET', fault],
  ['GET', helped],
];

describe('a request about an application', () => {
  followEach(problemsOfCall, [
    [
      'application "wep" was not found in project "default"; check both names',
      ...ask(`${applications}/wep?project=default`, `${applications}/web?project=default`),
    ],
    [
      'application references project other which does not exist; create it or use "default"',
      ...post(applications, guestbook('a', { project: 'other' }), guestbook('a', { project: 'default' })),
    ],
    ...[{ server: 'https://kubernetes.default.svc' }, { name: 'in-cluster' }].map(
      (destination): Followed<Call> => [
        'there are no clusters with this server: server "https://b.example.com"; add the cluster first or name a known one',
        ...post(
          `${applications}?upsert=true`,
          guestbook('b', { destination: { server: 'https://b.example.com' } }),
          guestbook('b', { destination }),
        ),
      ],
    ),
    [
      'existing application spec is different, use upsert flag to force update',
      ['POST', applications, guestbook('web', { revisionHistoryLimit: 3 })],
      ['POST', `${applications}?upsert=true`, guestbook('web', { revisionHistoryLimit: 3 })],
    ],
    [
      'metadata.name is "other" but the path names "web"; make them the same',
      ['PUT', `${applications}/web`, guestbook('other')],
      ['PUT', `${applications}/web`, guestbook('web')],
    ],
    [
      'patchType "strategic" is not supported; use "json" or "merge"',
      ['PATCH', `${applications}/web`, { patch: '{}', patchType: 'strategic' }],
      ['PATCH', `${applications}/web`, { patch: '{}', patchType: 'merge' }],
    ],
    [
      'metadata.name can not be changed; leave it out of the patch',
      ['PATCH', `${applications}/web`, { patch: '{"metadata": {"name": "x"}}', patchType: 'merge' }],
      ['PATCH', `${applications}/web`, { patch: '{"metadata": {}}', patchType: 'merge' }],
    ],
    [
      'patch is not JSON; send the patch as a JSON text',
      ['PATCH', `${applications}/web`, { patch: '{', patchType: 'merge' }],
      ['PATCH', `${applications}/web`, { patch: '{}', patchType: 'merge' }],
    ],
    ...['argocd', undefined].map(
      (namespace): Followed<Call> => [
        'namespace "other" is not permitted for applications; leave it out or use "argocd"',
        ...post(
          `${applications}?upsert=true`,
          { ...guestbook('c'), metadata: { name: 'c', namespace: 'other' } },
          { ...guestbook('c'), metadata: { name: 'c', namespace } },
        ),
      ],
    ),
    [
      'more than one project is given; name one or none',
      ...ask(`${applications}/web?project=a&project=default`, `${applications}/web?project=default`),
    ],
    [
      'continue is none that a list has answered with; leave it out to begin with the first page',
      ...ask(`${applications}?continue=none`, applications),
    ],
    [
      'is no number of applications; write a whole one, such as 100',
      ...ask(`${applications}?limit=many`, `${applications}?limit=100`),
    ],
    ['request body is not JSON; send one JSON object', ...post(applications, '{', guestbook('d'))],
    ...['a=b', 'a!=b', 'a in (b,c)', 'a notin (b,c)', 'a', '!a'].map(
      (selector): Followed<Call> => [
        'selector requirement "a ~ b" can\'t be read; write key=value, key!=value, key in (a,b), key notin (a,b), key or !key',
        ...ask(
          `${applications}?selector=${encodeURIComponent('a ~ b')}`,
          `${applications}?selector=${encodeURIComponent(selector)}`,
        ),
      ],
    ),
    [
      'cannot give resources up and cascade at the same time; leave one of cascade and orphan out',
      ['DELETE', `${applications}/going?orphan=true&cascade=true`],
      ['DELETE', `${applications}/going?orphan=true`],
    ],
    ...['foreground', 'background'].map(
      (policy): Followed<Call> => [
        `invalid propagation policy: slow; use foreground or background`,
        ['DELETE', `${applications}/a?propagationPolicy=slow`],
        ['DELETE', `${applications}/a?propagationPolicy=${policy}`],
      ],
    ),
    [
      'cannot set propagation policy when cascading is disabled; leave one of them out',
      ['DELETE', `${applications}/b?cascade=false&propagationPolicy=foreground`],
      ['DELETE', `${applications}/b?propagationPolicy=foreground`],
    ],
    [
      'deadline "0s" leaves no time for the deletion; write a duration such as 10m',
      ['DELETE', `${applications}/c?deadline=0s`],
      ['DELETE', `${applications}/c?deadline=10m`],
    ],
  ]);
});

const body = JSON.stringify({
  ref: 'refs/heads/main',
  repository: { html_url: 'https://git.example.com/a', default_branch: 'main' },
});
const signed = (key: string): string => `sha256=${createHmac('sha256', key).update(body).digest('hex')}`;
const github = (headers: Record<string, string>, method: 'GET' | 'POST' = 'POST'): Call => [
  method,
  '/api/webhook',
  method === 'GET' ? undefined : body,
  { 'x-github-event': 'push', 'x-hub-signature-256': signed(secret), ...headers },
];

describe('a webhook', () => {
  followEach(problemsOfCall, [
    [
      'webhook is of no known provider; send push events of GitHub, GitLab, Bitbucket, Gogs, Gitea or Azure DevOps',
      ['POST', '/api/webhook', body],
      github({}),
    ],
    ["webhook takes POST only, not GET; set the provider's method to POST", github({}, 'GET'), github({})],
    [
      'webhook signature or secret of GitHub does not match; set it to the one that the server is configured with',
      github({ 'x-hub-signature-256': signed('other') }),
      github({}),
    ],
    ['is not used; send push events of GitHub only', github({ 'x-github-event': 'issues' }), github({})],
  ]);
});

const [host] = wellKnownHosts;
const item = {
  serverName: 'git.example.com',
  certType: 'ssh',
  certSubType: host?.keyType,
  certData: Buffer.from(host?.key ?? '').toString('base64'),
};
const other = wellKnownHosts.find((one) => one.keyType === host?.keyType && one.key !== host.key);
const changed = { ...item, certData: Buffer.from(other?.key ?? '').toString('base64') };
const certificates = '/api/v1/certificates';

describe('a request about hosts, repositories and projects', () => {
  followEach(problemsOfCall, [
    [
      'serverName is empty; name the host',
      ...post(certificates, { items: [{ ...item, serverName: '' }] }, { items: [item] }),
    ],
    [
      'already; use upsert to replace it',
      ['POST', certificates, { items: [changed] }],
      ['POST', `${certificates}?upsert=true`, { items: [changed] }],
    ],
    ...['git.example.com', '*'].map(
      (pattern): Followed<Call> => [
        'hostNamePattern is missing; name a host, or * for all of them',
        ['DELETE', certificates],
        ['DELETE', `${certificates}?hostNamePattern=${pattern}`],
      ],
    ),
    [
      'project "other" was not found; list the projects to see their names',
      ...ask('/api/v1/projects/other', '/api/v1/projects'),
    ],
    [
      'GnuPG key ABCD was not found; list the keys to see their ids',
      ...ask('/api/v1/gpgkeys/ABCD', '/api/v1/gpgkeys'),
    ],
  ]);
});
