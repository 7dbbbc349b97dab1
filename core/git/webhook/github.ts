import { z } from 'zod';
import { noticeOf, type PushNotice, presentUrls, readPayload } from './push.ts';

const url = z.string().nullish();

const Push = z.object({
  ref: z.string().min(1),
  repository: z.object({
    html_url: url,
    clone_url: url,
    ssh_url: url,
    git_url: url,
    url,
    default_branch: z.string().nullish(),
    master_branch: z.string().nullish(),
  }),
});

/** The push of a GitHub delivery; Gogs, Gitea and Forgejo write the same fields. */
export function readGithubPush(title: string, payload: unknown): PushNotice {
  const { ref, repository } = readPayload(Push, title, payload);
  const { html_url, clone_url, ssh_url, git_url } = repository;
  return noticeOf(title, {
    repositoryUrls: presentUrls(html_url, clone_url, ssh_url, git_url, repository.url),
    refs: [ref],
    defaultBranch: repository.default_branch || repository.master_branch || undefined,
  });
}
