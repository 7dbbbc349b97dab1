import { z } from 'zod';
import { shortRef } from '../webhook.ts';
import { noticeOf, type PushNotice, presentUrls, readPayload } from './push.ts';

const Push = z.object({
  eventType: z.literal('git.push'),
  resource: z.object({
    refUpdates: z.array(z.object({ name: z.string().min(1) })),
    repository: z.object({ remoteUrl: z.string(), defaultBranch: z.string().nullish() }),
  }),
});

/** The push of an Azure DevOps service hook. */
export function readAzureDevopsPush(title: string, payload: unknown): PushNotice {
  const { refUpdates, repository } = readPayload(Push, title, payload).resource;
  return noticeOf(title, {
    repositoryUrls: presentUrls(repository.remoteUrl, sshUrl(repository.remoteUrl)),
    refs: refUpdates.map(({ name }) => name),
    defaultBranch: shortRef(repository.defaultBranch ?? '') || undefined,
  });
}

/** The SSH address of a repository of dev.azure.com: its path is another one than over HTTPS, and no delivery has it. */
function sshUrl(remoteUrl: string): string | undefined {
  const [, path, name] =
    /^https:\/\/(?:[^@/]*@)?dev\.azure\.com\/([^/]+\/[^/]+)\/_git\/([^/]+)$/i.exec(remoteUrl) ?? [];
  return path === undefined ? undefined : `git@ssh.dev.azure.com:v3/${path}/${name}`;
}
