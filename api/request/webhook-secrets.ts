import { ownField } from '../../core/own-field.ts';
import { resolveReference, type SecretValues } from '../../core/settings/reference.ts';
import type { WebhookSecrets } from './webhook-proof.ts';

/** Under which keys `argocd-secret` has what providers share with the server. */
const keys: Readonly<Record<keyof WebhookSecrets, string>> = {
  github: 'webhook.github.secret',
  gitlab: 'webhook.gitlab.secret',
  gogs: 'webhook.gogs.secret',
  bitbucketUuid: 'webhook.bitbucket.uuid',
  bitbucketServer: 'webhook.bitbucketserver.secret',
  azureDevopsUsername: 'webhook.azuredevops.username',
  azureDevopsPassword: 'webhook.azuredevops.password',
};

/** What providers share with the server: what `argocd-secret` says, also by reference, before the server's variables. */
export function webhookSecretsOf(configured: WebhookSecrets, values: SecretValues): WebhookSecrets {
  const given = Object.entries(keys).flatMap(([name, key]) => {
    // A file brings a line end along, which no provider's form takes.
    const text = (ownField(values, key) ?? '').trim();
    return text === '' ? [] : [[name, resolveReference(text, values).text]];
  });
  return { ...configured, ...Object.fromEntries(given) };
}
