import { textAt } from '../../../object/field.ts';
import { condition, falseFails, falseWaits, type HealthCheck, when } from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

/** Conditions of which 3scale sets the one that holds to true. */
const holds: readonly HealthCheck[] = [
  condition('Invalid', { True: 'Degraded' }),
  condition('Orphan', { True: 'Degraded' }),
  condition('Failed', { True: 'Degraded' }),
  // An account that an administrator has to approve.
  condition('Waiting', { True: 'Suspended' }),
  condition('In-progress', { True: 'Progressing' }),
];

const suspended = (field: string): HealthCheck =>
  when(
    (live) => textAt(live, 'status', field) === 'suspended',
    'Suspended',
    `status.${field} is "suspended"`,
  );

/** 3scale's API management. */
export const threeScale: readonly KindRule[] = [
  {
    group: 'capabilities.3scale.net',
    kinds: ['Backend', 'Product'],
    restsOn: 'conditions `Invalid`, `Orphan`, `Failed`, `Synced`',
    checks: [...holds, condition('Synced', falseWaits)],
  },
  {
    group: 'capabilities.3scale.net',
    kinds: [
      'ActiveDoc',
      'ApplicationAuth',
      'CustomPolicyDefinition',
      'DeveloperAccount',
      'OpenAPI',
      'ProxyConfigPromote',
    ],
    restsOn: 'conditions `Invalid`, `Orphan`, `Failed`, `Waiting`, `In-progress`, `Ready`',
    checks: [...holds, condition('Ready', falseWaits)],
  },
  {
    group: 'capabilities.3scale.net',
    kinds: ['DeveloperUser'],
    restsOn: '`status.developerUserState`, conditions `Invalid`, `Orphan`, `Failed`, `Ready`',
    checks: [suspended('developerUserState'), ...holds, condition('Ready', falseWaits)],
  },
  {
    group: 'capabilities.3scale.net',
    kinds: ['Application'],
    restsOn: '`status.state`, condition `Ready`',
    checks: [suspended('state'), condition('Ready', falseFails)],
  },
  {
    group: 'capabilities.3scale.net',
    kinds: ['Tenant'],
    restsOn: 'condition `Ready`',
    checks: [condition('Ready', falseFails)],
  },
];
