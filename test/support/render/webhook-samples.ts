import { createHmac, randomUUID } from 'node:crypto';
import type { WebhookSecrets } from '../../../api/request/webhook-proof.ts';

/** A delivery as a provider sends it. */
export type SampleDelivery = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** One kind of delivery: how a push of a repository looks, and how it looks when somebody else sends it. */
export type WebhookSample = {
  readonly title: string;
  /** Of the repository `team/<name>`, as people write it in an application. */
  readonly repoURLs: (name: string) => readonly string[];
  readonly deliver: (name: string, ref: string) => SampleDelivery;
  readonly tamper: (delivery: SampleDelivery) => SampleDelivery;
};

/** What the test server shares with the providers. */
export const sampleSecrets = {
  github: 'canary-of-github',
  gitlab: 'canary-of-gitlab',
  gogs: 'canary-of-gogs',
  bitbucketUuid: 'd1c2b3a4-0000-4000-8000-canary000001',
  bitbucketServer: 'canary-of-bitbucketserver',
  azureDevopsUsername: 'hook',
  azureDevopsPassword: 'canary:of-azure',
} as const satisfies WebhookSecrets;

const json = { 'content-type': 'application/json' };
const [before, after] = ['a'.repeat(40), 'b'.repeat(40)];
/** Two pushes never have one body: as of real ones, their time differs. */
const pushedAt = () => randomUUID();

function hmac(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** Signed deliveries: one byte more than was signed. */
const changeBody = (delivery: SampleDelivery): SampleDelivery => ({ ...delivery, body: `${delivery.body} ` });
/** Deliveries that carry the secret itself: another one of the same length. */
const changeHeader =
  (name: string, change: (value: string) => string) =>
  ({ headers, body }: SampleDelivery): SampleDelivery => ({
    headers: { ...headers, [name]: change(headers[name] ?? '') },
    body,
  });
const otherEnd = (value: string) => `${value.slice(0, -1)}x`;

function hostUrls(host: string, name: string): string[] {
  return [`https://${host}/team/${name}.git`, `git@${host}:team/${name}.git`];
}

function githubBody(host: string, name: string, ref: string): string {
  return JSON.stringify({
    ref,
    before,
    after,
    pushed_at: pushedAt(),
    repository: {
      full_name: `team/${name}`,
      html_url: `https://${host}/team/${name}`,
      clone_url: `https://${host}/team/${name}.git`,
      ssh_url: `git@${host}:team/${name}.git`,
      default_branch: 'main',
    },
    commits: [{ id: after, added: [], removed: [], modified: ['a.yaml'] }],
  });
}

const github: WebhookSample = {
  title: 'GitHub',
  repoURLs: (name) => hostUrls('github.example.com', name),
  deliver(name, ref) {
    const body = githubBody('github.example.com', name, ref);
    return {
      headers: {
        ...json,
        'x-github-event': 'push',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': `sha256=${hmac(sampleSecrets.github, body)}`,
      },
      body,
    };
  },
  tamper: changeBody,
};

const gitea: WebhookSample = {
  title: 'Gitea, with the headers of Gogs and GitHub besides',
  repoURLs: (name) => hostUrls('gitea.example.com', name),
  deliver(name, ref) {
    const body = githubBody('gitea.example.com', name, ref);
    const [id, signature] = [randomUUID(), hmac(sampleSecrets.gogs, body)];
    return {
      headers: {
        ...json,
        'x-gitea-event': 'push',
        'x-gitea-delivery': id,
        'x-gitea-signature': signature,
        'x-gogs-event': 'push',
        'x-gogs-delivery': id,
        'x-gogs-signature': signature,
        'x-github-event': 'push',
        'x-github-delivery': id,
      },
      body,
    };
  },
  tamper: changeBody,
};

function gitlab(event: string, kind: string): WebhookSample {
  const host = 'gitlab.example.com';
  return {
    title: `GitLab, ${event} with ${kind}`,
    repoURLs: (name) => hostUrls(host, name),
    deliver: (name, ref) => ({
      headers: {
        ...json,
        'x-gitlab-event': event,
        'x-gitlab-token': sampleSecrets.gitlab,
        'x-gitlab-event-uuid': randomUUID(),
      },
      body: JSON.stringify({
        ...(event === 'System Hook' ? {} : { object_kind: kind }),
        event_name: kind,
        ...(kind === 'repository_update'
          ? { refs: [ref], changes: [{ before, after, ref }] }
          : { before, after, ref }),
        project: {
          path_with_namespace: `team/${name}`,
          web_url: `https://${host}/team/${name}`,
          git_ssh_url: `git@${host}:team/${name}.git`,
          git_http_url: `https://${host}/team/${name}.git`,
          default_branch: 'main',
        },
      }),
    }),
    tamper: changeHeader('x-gitlab-token', otherEnd),
  };
}

const bitbucketCloud: WebhookSample = {
  title: 'Bitbucket Cloud',
  repoURLs: (name) => hostUrls('bitbucket.example.org', name),
  deliver: (name, ref) => ({
    headers: {
      ...json,
      'x-event-key': 'repo:push',
      'x-hook-uuid': sampleSecrets.bitbucketUuid,
      'x-request-uuid': randomUUID(),
      'x-attempt-number': '1',
    },
    body: JSON.stringify({
      repository: {
        type: 'repository',
        full_name: `team/${name}`,
        links: { html: { href: `https://bitbucket.example.org/team/${name}` } },
      },
      push: {
        changes: [
          { old: { type: 'branch', name: 'gone' }, new: null, closed: true },
          {
            old: null,
            new: {
              type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
              name: ref.replace(/^refs\/[^/]+\//, ''),
              target: { hash: after },
            },
          },
        ],
      },
    }),
  }),
  tamper: changeHeader('x-hook-uuid', otherEnd),
};

const bitbucketServer: WebhookSample = {
  title: 'Bitbucket Server',
  repoURLs: (name) => [
    `https://bitbucket.example.com/scm/team/${name}.git`,
    `ssh://git@bitbucket.example.com:7999/team/${name}.git`,
  ],
  deliver(name, ref) {
    const body = JSON.stringify({
      eventKey: 'repo:refs_changed',
      date: pushedAt(),
      repository: {
        slug: name,
        links: {
          clone: bitbucketServer
            .repoURLs(name)
            .map((href) => ({ href, name: href.startsWith('ssh') ? 'ssh' : 'http' })),
          self: [{ href: `https://bitbucket.example.com/projects/TEAM/repos/${name}/browse` }],
        },
      },
      changes: [{ ref: { id: ref, type: 'BRANCH' }, refId: ref, fromHash: before, toHash: after }],
    });
    return {
      headers: {
        ...json,
        'x-event-key': 'repo:refs_changed',
        'x-request-id': randomUUID(),
        'x-hub-signature': `sha256=${hmac(sampleSecrets.bitbucketServer, body)}`,
      },
      body,
    };
  },
  tamper: changeBody,
};

const azureDevops: WebhookSample = {
  title: 'Azure DevOps',
  repoURLs: (name) => [
    `https://org@dev.azure.com/org/team/_git/${name}`,
    `git@ssh.dev.azure.com:v3/org/team/${name}`,
  ],
  deliver: (name, ref) => ({
    headers: {
      ...json,
      'x-vss-activityid': randomUUID(),
      authorization: `Basic ${Buffer.from(`${sampleSecrets.azureDevopsUsername}:${sampleSecrets.azureDevopsPassword}`).toString('base64')}`,
    },
    body: JSON.stringify({
      id: randomUUID(),
      eventType: 'git.push',
      publisherId: 'tfs',
      resource: {
        refUpdates: [{ name: ref, oldObjectId: before, newObjectId: after }],
        repository: {
          name,
          remoteUrl: `https://org@dev.azure.com/org/team/_git/${name}`,
          defaultBranch: 'refs/heads/main',
        },
      },
    }),
  }),
  tamper: changeHeader(
    'authorization',
    () => `Basic ${Buffer.from('hook:canary:of-azurX').toString('base64')}`,
  ),
};

/** Every kind of delivery that is understood. */
export const webhookSamples: readonly WebhookSample[] = [
  github,
  gitea,
  gitlab('Push Hook', 'push'),
  gitlab('Tag Push Hook', 'tag_push'),
  gitlab('System Hook', 'push'),
  gitlab('System Hook', 'repository_update'),
  bitbucketCloud,
  bitbucketServer,
  azureDevops,
];
