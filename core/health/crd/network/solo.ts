import { textAt, valueAt } from '../../../object/json/field.ts';
import { type HealthCheck, saysFailure, worstOf } from '../../check.ts';
import { health, type ObjectHealth } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

const states = {
  Pending: 'Progressing',
  Accepted: 'Healthy',
  Rejected: 'Degraded',
  Warning: 'Degraded',
} as const;

/** Older releases write the number of the state. */
const numbered: readonly (keyof typeof states)[] = ['Pending', 'Accepted', 'Rejected', 'Warning'];

function stateOf(status: unknown): ObjectHealth | undefined {
  const written = valueAt(status, 'state');
  const name = typeof written === 'string' ? written : numbered[Number(written ?? -1)];
  if (name === undefined) return undefined;
  const known =
    Object.entries(states).find(([state]) => state === name)?.[1] ??
    (saysFailure(name) ? 'Degraded' : 'Progressing');
  return health(known, textAt(status, 'reason') || (known === 'Healthy' ? '' : `its state is "${name}"`));
}

/** Every Gloo that reads an object reports for its own namespace. */
const reports: HealthCheck = (live) =>
  worstOf(
    Object.values(Object(valueAt(live, 'status', 'statuses'))).flatMap((status) => stateOf(status) ?? []),
  );

const judged: Pick<KindRule, 'restsOn' | 'checks' | 'earlier'> = {
  restsOn: '`status.statuses.*.state`, `.reason`',
  checks: [reports],
  earlier: {
    before: '1.9',
    restsOn: '`status.state`, `status.reason`',
    checks: [(live) => stateOf(live['status'])],
  },
};

/** Solo's Gloo. */
export const solo: readonly KindRule[] = [
  {
    group: 'gateway.solo.io',
    kinds: [
      'Gateway',
      'MatchableHttpGateway',
      'RouteOption',
      'RouteTable',
      'VirtualHostOption',
      'VirtualService',
    ],
    ...judged,
  },
  {
    group: 'gloo.solo.io',
    kinds: ['Proxy', 'Settings', 'Upstream', 'UpstreamGroup'],
    ...judged,
  },
];
