import { z } from 'zod';
import { noticeOf, type PushNotice, presentUrls, readPayload } from './push.ts';

const Link = z.object({ href: z.string() });

const Push = z.object({
  changes: z.array(z.object({ ref: z.object({ id: z.string().min(1) }) })),
  repository: z.object({
    links: z.object({ clone: z.array(Link).optional(), self: z.array(Link.nullable()).optional() }),
  }),
});

/** The push of a Bitbucket Server or Data Center delivery. It does not tell the default branch. */
export function readBitbucketServerPush(title: string, payload: unknown): PushNotice {
  const { changes, repository } = readPayload(Push, title, payload);
  const { clone = [], self = [] } = repository.links;
  return noticeOf(title, {
    repositoryUrls: presentUrls(...clone.map(({ href }) => href), ...self.map((link) => link?.href)),
    refs: changes.map(({ ref }) => ref.id),
    defaultBranch: undefined,
  });
}
