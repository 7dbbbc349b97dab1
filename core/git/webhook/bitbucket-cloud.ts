import { z } from 'zod';
import { noticeOf, type PushNotice, presentUrls, readPayload } from './push.ts';

const Ref = z.object({ type: z.string(), name: z.string().min(1) });

const Push = z.object({
  push: z.object({ changes: z.array(z.object({ new: Ref.nullish(), old: Ref.nullish() })) }),
  repository: z.object({
    links: z.object({ html: z.object({ href: z.string() }) }),
    mainbranch: z.object({ name: z.string() }).nullish(),
  }),
});

/** The push of a Bitbucket Cloud delivery; a change without a new side deleted its ref. */
export function readBitbucketCloudPush(title: string, payload: unknown): PushNotice {
  const { push, repository } = readPayload(Push, title, payload);
  const changed = push.changes.flatMap((change) => change.new ?? change.old ?? []);
  return noticeOf(title, {
    repositoryUrls: presentUrls(repository.links.html.href),
    refs: changed.map(({ type, name }) => `refs/${type === 'tag' ? 'tags' : 'heads'}/${name}`),
    defaultBranch: repository.mainbranch?.name,
  });
}
