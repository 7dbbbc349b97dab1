import { textAt } from '../../../object/json/field.ts';
import { type HealthCheck, standard } from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

/** One text: `SUCCESS`, or `ERROR` and what is wrong. */
const fetched: HealthCheck = (live) => {
  const text = textAt(live, 'status', 'status');
  if (text === 'SUCCESS') return health('Healthy');
  return text.startsWith('ERROR')
    ? health('Degraded', text.replace(/^ERROR,?\s*/, '') || 'it could not be fetched')
    : undefined;
};

/** Secrets that are kept elsewhere: the first External Secrets, 1Password. */
export const keepers: readonly KindRule[] = [
  {
    group: 'kubernetes-client.io',
    kinds: ['ExternalSecret'],
    restsOn: '`status.observedGeneration`, `status.status`',
    checks: [fetched],
  },
  {
    group: 'onepassword.com',
    kinds: ['OnePasswordItem'],
    restsOn: 'condition `Ready`',
    checks: standard(),
  },
];
