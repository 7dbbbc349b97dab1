import { z } from 'zod';
import { noticeOf, type PushNotice, presentUrls, readPayload } from './push.ts';

const url = z.string().nullish();
const urls = { git_http_url: url, git_ssh_url: url, homepage: url, url };

const Push = z.object({
  ref: z.string().min(1).optional(),
  /** Only of a repository update, which gathers all refs of a push. */
  refs: z.array(z.string().min(1)).optional(),
  project: z.object({ ...urls, web_url: url, default_branch: z.string().nullish() }).optional(),
  repository: z.object(urls).nullish(),
});

const Kind = z.object({ object_kind: z.string().optional(), event_name: z.string().optional() });

const pushes: ReadonlySet<string> = new Set(['push', 'tag_push', 'repository_update']);

/**
 * The push of a GitLab delivery. A system hook sends every event of the instance and can't be told to send fewer;
 * one that is no push answers undefined. GitLab turns a hook off whose deliveries are refused.
 */
export function readGitlabPush(title: string, payload: unknown): PushNotice | undefined {
  const kind = readPayload(Kind, title, payload);
  const name = kind.object_kind ?? kind.event_name;
  if (name !== undefined && !pushes.has(name)) return undefined;
  const { ref, refs, project, repository } = readPayload(Push, title, payload);
  return noticeOf(title, {
    repositoryUrls: presentUrls(
      project?.git_http_url,
      project?.git_ssh_url,
      project?.web_url,
      repository?.git_http_url,
      repository?.git_ssh_url,
      repository?.homepage,
      repository?.url,
    ),
    refs: ref === undefined ? (refs ?? []) : [ref],
    defaultBranch: project?.default_branch || undefined,
  });
}
