import { textAt } from '../../../object/json/field.ts';
import { condition, falseFails, falseWaits, type HealthCheck, when } from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

/** Conditions of which 3scale sets the one that holds to true; each kind has its own of them. */
const meanings = {
  Invalid: 'Degraded',
  Orphan: 'Degraded',
  Failed: 'Degraded',
  // An account that an administrator has to approve.
  Waiting: 'Suspended',
  'In-progress': 'Progressing',
} as const;

/** A kind that is judged by such conditions, and by the one that says that all is done. */
function conditionsOf(
  done: 'Ready' | 'Synced',
  types: readonly (keyof typeof meanings)[],
  kinds: readonly string[],
  ...first: readonly HealthCheck[]
): KindRule {
  return {
    group: 'capabilities.3scale.net',
    kinds,
    restsOn: `conditions ${[...types, done].map((type) => `\`${type}\``).join(', ')}`,
    checks: [
      ...first,
      ...types.map((type) => condition(type, { True: meanings[type] })),
      condition(done, falseWaits),
    ],
  };
}

const suspended = (field: string): HealthCheck =>
  when(
    (live) => textAt(live, 'status', field) === 'suspended',
    'Suspended',
    `status.${field} is "suspended"`,
  );

/** 3scale's API management. */
export const threeScale: readonly KindRule[] = [
  conditionsOf('Synced', ['Invalid', 'Failed'], ['Backend']),
  conditionsOf('Synced', ['Invalid', 'Orphan', 'Failed'], ['Product']),
  conditionsOf('Ready', ['Invalid', 'Orphan', 'Failed'], ['ActiveDoc']),
  conditionsOf('Ready', ['Failed'], ['ApplicationAuth']),
  conditionsOf('Ready', ['Invalid', 'Failed'], ['CustomPolicyDefinition', 'OpenAPI']),
  conditionsOf('Ready', ['Invalid', 'Failed', 'Waiting'], ['DeveloperAccount']),
  conditionsOf('Ready', ['Failed', 'In-progress'], ['ProxyConfigPromote']),
  {
    ...conditionsOf(
      'Ready',
      ['Invalid', 'Orphan', 'Failed'],
      ['DeveloperUser'],
      suspended('developerUserState'),
    ),
    restsOn: '`status.developerUserState`, conditions `Invalid`, `Orphan`, `Failed`, `Ready`',
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
