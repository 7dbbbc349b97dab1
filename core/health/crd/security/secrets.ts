import { numberAt, textAt, valueAt } from '../../../object/field.ts';
import { condition, falseFails, when } from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

const ready = condition('Ready', falseFails);

/** Secrets from elsewhere: External Secrets, Sealed Secrets, the Vault operators. */
export const secrets: readonly KindRule[] = [
  {
    group: 'external-secrets.io',
    kinds: ['ExternalSecret', 'SecretStore', 'ClusterSecretStore', 'PushSecret'],
    restsOn: 'condition `Ready`',
    checks: [ready],
  },
  {
    group: 'external-secrets.io',
    kinds: ['ClusterExternalSecret'],
    restsOn: 'condition `Ready`; of `v1beta1` conditions `NotReady`, `PartiallyReady`',
    checks: [
      // First: what was wrong before stays beside it.
      ready,
      condition('NotReady', { True: 'Degraded' }),
      condition('PartiallyReady', { True: 'Degraded' }),
    ],
  },
  {
    group: 'bitnami.com',
    kinds: ['SealedSecret'],
    restsOn: '`status.observedGeneration`, condition `Synced`',
    checks: [condition('Synced', falseFails)],
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
