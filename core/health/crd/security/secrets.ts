import { listAt, numberAt, textAt, valueAt } from '../../../object/json/field.ts';
import {
  type ConditionWords,
  condition,
  falseFails,
  type HealthCheck,
  readCondition,
  when,
} from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

const ready = condition('Ready', falseFails);

const ofNamespaces = ['Ready', 'NotReady', 'PartiallyReady'];

/**
 * Releases before 0.9.5 wrote one of three conditions, each true. What is written is put at the end, and conditions of
 * the other types stay as they were: only the last one holds.
 */
function lastWritten(type: string, words: ConditionWords): HealthCheck {
  return (live) => {
    const last = listAt(live, 'status', 'conditions').findLast((found) =>
      ofNamespaces.includes(textAt(found, 'type')),
    );
    return textAt(last, 'type') === type ? readCondition(live, last, words) : undefined;
  };
}

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
    restsOn: 'condition `Ready`',
    checks: [lastWritten('Ready', falseFails)],
    earlier: {
      before: '0.9.5',
      restsOn: 'the last of the conditions `Ready`, `NotReady`, `PartiallyReady`',
      checks: [
        lastWritten('NotReady', { True: 'Degraded' }),
        lastWritten('PartiallyReady', { True: 'Degraded' }),
      ],
    },
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
