import { createRoute } from '@hono/zod-openapi';
import { acceptPush } from '../../../control/access/accept-push.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { type Provider, providerOf } from '../../../core/git/webhook/providers.ts';
import { parseJson } from '../../../core/object/json/json.ts';
import { open } from '../../auth/permission.ts';
import type { Api, ApiContext } from '../../context.ts';
import { grpc, problem } from '../../reply/problem.ts';
import { checkBody } from '../../request/plain-request.ts';
import { type Delivery, isProven, secretState } from '../../request/webhook-proof.ts';
import { webhookSecretsOf } from '../../request/webhook-secrets.ts';
import { textReplies } from '../../route.ts';

const webhook = createRoute({
  method: 'post',
  path: '/api/webhook',
  ...open,
  tags: ['webhook'],
  summary:
    'Push notifications of GitHub, GitLab, Bitbucket, Gogs, Gitea and Azure DevOps; each proves that it comes from there',
  responses: textReplies('Nothing'),
});

/** Longer ones don't fit into an index; providers send UUIDs. */
const longestName = 200;

/** POST /api/webhook: a push is stored, answered, and only then looked into. */
export function webhookRoutes(api: Api): void {
  api.openapi(webhook, async (c) => {
    const header = (name: string) => c.req.header(name);
    const provider = providerOf(header);
    if (provider === undefined) {
      throw new KeelsonError(
        'invalid-argument',
        'webhook is of no known provider; send push events of GitHub, GitLab, Bitbucket, Gogs, Gitea or Azure DevOps',
      );
    }
    const delivery = { header, body: c.var.body };
    await acceptDelivery(c, provider, delivery);
    return c.body(null, 200);
  });
  api.all(webhook.path, (c) => {
    const { http, body } = problem(
      405,
      grpc.unimplemented,
      `webhook takes POST only, not ${c.req.method}; set the provider's method to POST`,
    );
    return c.json(body, http, { allow: 'POST' });
  });
}

async function acceptDelivery(c: ApiContext, provider: Provider, delivery: Delivery): Promise<void> {
  const { config, secrets } = c.var.deps;
  const event = provider.event && (delivery.header(provider.event.header) ?? '');
  // Bitbucket Server signs no ping, and a ping does nothing.
  if (event !== undefined && event === provider.ping && provider.name === 'bitbucketserver') return;
  const shared = webhookSecretsOf(config.webhookSecrets, secrets.current());
  const secret = secretState(provider.name, shared, config.webhookOpen);
  if (secret === 'missing') {
    throw new KeelsonError(
      'invalid-argument',
      `webhook of ${provider.title} has no secret on this server; set it in KEELSON_WEBHOOK_${provider.name.toUpperCase()}_*, or, while no provider has one, open webhooks to everybody with KEELSON_WEBHOOK_OPEN=true`,
    );
  }
  if (secret === 'set' && !(await isProven(provider.name, shared, delivery))) {
    throw new KeelsonError(
      'invalid-argument',
      `webhook signature or secret of ${provider.title} does not match; set it to the one that the server is configured with`,
    );
  }
  if (event !== undefined && event === provider.ping) return;
  if (event !== undefined && provider.event?.pushes.includes(event) !== true) {
    throw new KeelsonError(
      'invalid-argument',
      `webhook event "${event}" is not used; send push events of ${provider.title} only`,
    );
  }
  const body = await delivery.body();
  const push = provider.read(provider.title, payloadOf(body));
  if (push === undefined) return;
  checkBody(push);
  const key = {
    provider: provider.name,
    deliveryId: deliveryIdOf(c, provider, delivery, { body, signed: secret === 'set' }),
  };
  await acceptPush(c.var.deps, key, push);
}

/**
 * How a delivery is known again. Where a signature of the body is the proof, by the body: the name beside it is not
 * signed, and a recorded delivery would come again under another one. Where nothing is proven the name counts: scripts
 * send the same few fields for every push.
 */
function deliveryIdOf(
  c: ApiContext,
  provider: Provider,
  { header }: Delivery,
  { body, signed }: { readonly body: Buffer; readonly signed: boolean },
): string {
  const byBody = signed && provider.signsBody === true;
  const name = byBody ? undefined : provider.deliveryHeader && header(provider.deliveryHeader);
  if (name && name.length <= longestName) return name;
  const round = (provider.roundHeader && header(provider.roundHeader)) || '';
  return `${round}/${c.var.deps.keyring.digest(body)}`;
}

function payloadOf(body: Buffer): unknown {
  try {
    return parseJson(body.toString('utf8'));
  } catch (cause) {
    throw new KeelsonError(
      'invalid-argument',
      'webhook body is not JSON; choose the content type application/json for the webhook',
      { cause },
    );
  }
}
