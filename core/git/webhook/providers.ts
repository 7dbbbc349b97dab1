import { readAzureDevopsPush } from './azure-devops.ts';
import { readBitbucketCloudPush } from './bitbucket-cloud.ts';
import { readBitbucketServerPush } from './bitbucket-server.ts';
import { readGithubPush } from './github.ts';
import { readGitlabPush } from './gitlab.ts';
import type { PushNotice } from './push.ts';

export type ProviderName = 'azuredevops' | 'gogs' | 'github' | 'gitlab' | 'bitbucket' | 'bitbucketserver';

/** How deliveries of a Git host are recognized, told apart and read. */
export type Provider = {
  readonly name: ProviderName;
  readonly title: string;
  /** The header that only its deliveries have; the first provider of the table whose header is there is meant. */
  readonly header: string;
  /** Header of the event's name and the names that are pushes; without it the payload says what it is. */
  readonly event?: { readonly header: string; readonly pushes: readonly string[] };
  /** The event by which the host tries the hook: answered, and nothing else. */
  readonly ping?: string;
  /** Header that names a delivery, the same when it is repeated. */
  readonly deliveryHeader?: string;
  /** Whether a secret signs the body, and no header beside it. */
  readonly signsBody?: true;
  /** Header that tells deliveries of one body apart, but not alone. */
  readonly roundHeader?: string;
  /** Undefined for an event that is no push and can't be left out by the host. */
  readonly read: (title: string, payload: unknown) => PushNotice | undefined;
};

/** In the order in which headers are looked for: Gitea sends those of Gogs and GitHub, Bitbucket Cloud the server's. */
const providers: readonly Provider[] = [
  {
    name: 'azuredevops',
    title: 'Azure DevOps',
    header: 'x-vss-activityid',
    read: readAzureDevopsPush,
  },
  {
    name: 'gogs',
    title: 'Gogs or Gitea',
    header: 'x-gogs-event',
    event: { header: 'x-gogs-event', pushes: ['push'] },
    deliveryHeader: 'x-gogs-delivery',
    signsBody: true,
    read: readGithubPush,
  },
  {
    name: 'github',
    title: 'GitHub',
    header: 'x-github-event',
    event: { header: 'x-github-event', pushes: ['push'] },
    ping: 'ping',
    deliveryHeader: 'x-github-delivery',
    signsBody: true,
    read: readGithubPush,
  },
  {
    name: 'gitlab',
    title: 'GitLab',
    header: 'x-gitlab-event',
    event: { header: 'x-gitlab-event', pushes: ['Push Hook', 'Tag Push Hook', 'System Hook'] },
    deliveryHeader: 'idempotency-key',
    roundHeader: 'x-gitlab-event-uuid',
    read: readGitlabPush,
  },
  {
    name: 'bitbucket',
    title: 'Bitbucket Cloud',
    header: 'x-hook-uuid',
    event: { header: 'x-event-key', pushes: ['repo:push'] },
    deliveryHeader: 'x-request-uuid',
    read: readBitbucketCloudPush,
  },
  {
    name: 'bitbucketserver',
    title: 'Bitbucket Server',
    header: 'x-event-key',
    event: { header: 'x-event-key', pushes: ['repo:refs_changed'] },
    ping: 'diagnostics:ping',
    deliveryHeader: 'x-request-id',
    signsBody: true,
    read: readBitbucketServerPush,
  },
];

/** The provider of a delivery by its headers. */
export function providerOf(header: (name: string) => string | undefined): Provider | undefined {
  return providers.find((provider) => header(provider.header) !== undefined);
}
