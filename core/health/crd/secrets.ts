import { numberAt, textAt, valueAt } from '../../object/field.ts';
import { condition, observed, when } from '../check.ts';
import type { KindRule } from '../kind-rule.ts';

const ready = condition('Ready', { True: 'Healthy', False: 'Degraded', Unknown: 'Progressing' });

/** Secrets from elsewhere: External Secrets, Sealed Secrets, the Vault operators. */
export const secrets: readonly KindRule[] = [
  {
    group: 'external-secrets.io',
    kinds: ['ExternalSecret', 'ClusterExternalSecret', 'SecretStore', 'ClusterSecretStore', 'PushSecret'],
    restsOn: 'condition `Ready`',
    checks: [ready],
  },
  {
    group: 'bitnami.com',
    kinds: ['SealedSecret'],
    restsOn: '`status.observedGeneration`, condition `Synced`',
    checks: [observed, condition('Synced', { True: 'Healthy', False: 'Degraded', Unknown: 'Progressing' })],
  },
  {
    group: 'secrets.hashicorp.com',
    kinds: ['VaultAuth', 'VaultConnection'],
    restsOn: '`status.valid`',
    checks: [
      when((live) => valueAt(live, 'status', 'valid') === true, 'Healthy'),
      when(
        (live) => valueAt(live, 'status', 'valid') === false,
        'Degraded',
        (live) => textAt(live, 'status', 'error') || 'status.valid is false',
      ),
    ],
  },
  {
    group: 'secrets.hashicorp.com',
    kinds: ['VaultStaticSecret', 'VaultDynamicSecret'],
    restsOn: '`status.lastGeneration`',
    checks: [
      when(
        (live) => (numberAt(live, 'status', 'lastGeneration') ?? 0) >= (live.metadata.generation ?? 1),
        'Healthy',
      ),
    ],
  },
];
