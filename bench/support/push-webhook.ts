import { randomUUID } from 'node:crypto';
import { KeelsonError } from '../../core/errors.ts';
import type { TestKeelson } from '../../test/support/keelson/keelson.ts';
import type { TestRepository } from '../../test/support/servers/git-server.ts';

/** Tells a Keelson, as GitHub would, that the main branch of a repository was pushed to. */
export async function pushWebhook(
  keelson: Pick<TestKeelson, 'url'>,
  { url }: Pick<TestRepository, 'url'>,
): Promise<void> {
  const reply = await fetch(`${keelson.url}/api/webhook`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': randomUUID(),
    },
    body: JSON.stringify({
      ref: 'refs/heads/main',
      repository: { html_url: url, clone_url: url, default_branch: 'main' },
    }),
  });
  if (reply.status !== 200) throw new KeelsonError('internal', `webhook answered ${reply.status}`);
}
