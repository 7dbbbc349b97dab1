import { createHmac, timingSafeEqual } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { sourcesOf } from '../../core/application/source.ts';
import { KeelsonError } from '../../core/errors.ts';
import { isAffected, isSameRepository, type Push } from '../../core/git/webhook.ts';
import { listApplications } from '../../db/queries/application.ts';
import { recordAudit } from '../../db/queries/audit.ts';
import { raiseDirty } from '../../db/queries/dirty.ts';
import { acceptDelivery, completeDelivery } from '../../db/queries/webhook.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendHint } from '../hint.ts';
import { textReplies } from '../route.ts';

const webhook = createRoute({
  method: 'post',
  path: '/api/webhook',
  tags: ['webhook'],
  summary: 'Push notifications of GitHub; the signature is checked when a secret is configured',
  responses: textReplies('Nothing'),
});

const urlField = z.string().optional();

/** What a push delivery says, as far as it matters. */
const GithubPush = z.object({
  ref: z.string().min(1),
  repository: z.object({
    html_url: urlField,
    clone_url: urlField,
    ssh_url: urlField,
    git_url: urlField,
    url: urlField,
    default_branch: z.string().optional(),
    master_branch: z.string().optional(),
  }),
});

/** POST /api/webhook. */
export function webhookRoutes(api: Api): void {
  api.openapi(webhook, async (c) => {
    const event = c.req.header('x-github-event');
    if (event === undefined) {
      throw new KeelsonError('invalid-argument', 'webhook is of no known provider; send GitHub push events');
    }
    const body = Buffer.from(await c.req.arrayBuffer());
    checkSignature(c, body);
    if (event === 'ping') return c.body(null, 200);
    if (event !== 'push') {
      throw new KeelsonError(
        'invalid-argument',
        `webhook event "${event}" is not used; send push events only`,
      );
    }
    const refresh = await acceptPush(c, body);
    for (const id of refresh) sendHint(c, c.var.deps.engine.refreshApplication(id));
    return c.body(null, 200);
  });
}

function checkSignature(c: ApiContext, body: Buffer): void {
  const secret = c.var.deps.config.webhookSecrets.github;
  if (secret === undefined || secret === '') return;
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  const given = Buffer.from(c.req.header('x-hub-signature-256') ?? '');
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw new KeelsonError(
    'invalid-argument',
    "webhook signature does not match; set the provider's secret to the one that the server is configured with",
  );
}

/** Stores a delivery and marks what it concerns, in one transaction; answers with the applications to refresh. */
async function acceptPush(c: ApiContext, body: Buffer): Promise<readonly string[]> {
  const { ref, repository } = parsePush(body);
  const urls = [
    repository.html_url,
    repository.clone_url,
    repository.ssh_url,
    repository.git_url,
    repository.url,
  ].flatMap((url) => (url === undefined || url === '' ? [] : [url]));
  const defaultBranch = repository.default_branch ?? repository.master_branch ?? '';
  const delivery = {
    provider: 'github',
    // GitHub always names a delivery; without a name, equal bodies count as one.
    deliveryId: c.req.header('x-github-delivery') ?? c.var.deps.keyring.digest(body),
    repositoryUrls: urls,
    ref,
    defaultBranch: defaultBranch === '' ? null : defaultBranch,
  };
  return c.var.deps.db.transaction(async (tx) => {
    if (!(await acceptDelivery(tx, delivery))) return [];
    const affected = (await listApplications(tx)).filter((row) =>
      sourcesOf(row.spec).some(
        (source) =>
          urls.some((url) => isSameRepository(url, source.repoURL)) &&
          isAffected({ ref, defaultBranch } satisfies Push, source.targetRevision),
      ),
    );
    for (const row of affected) await raiseDirty(tx, row.id);
    await recordAudit(tx, {
      actor: 'webhook:github',
      action: 'webhook.push',
      object: urls[0] ?? '',
      details: { ref, applications: affected.length },
    });
    await completeDelivery(tx, delivery);
    return affected.map((row) => row.id);
  });
}

function parsePush(body: Buffer): z.output<typeof GithubPush> {
  let given: unknown;
  try {
    given = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new KeelsonError(
      'invalid-argument',
      'webhook body is not JSON; choose the content type application/json for the webhook',
      { cause },
    );
  }
  const parsed = GithubPush.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new KeelsonError(
    'invalid-argument',
    'webhook push names no ref and repository; send GitHub push events',
    {
      cause: parsed.error,
    },
  );
}
