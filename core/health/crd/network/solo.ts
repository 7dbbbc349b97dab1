import { textAt, valueAt } from '../../../object/field.ts';
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

/** Every Gloo that reads an object reports for its own namespace; before 1.9 there was one report for all. */
const reports: HealthCheck = (live) => {
  const each = Object.values(Object(valueAt(live, 'status', 'statuses')));
  const answers = (each.length > 0 ? each : [live['status']]).flatMap((status) => stateOf(status) ?? []);
  return worstOf(answers);
};

const restsOn = '`status.statuses.*.state`, `.reason`; before 1.9 `status.state`, `status.reason`';

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
    restsOn,
    checks: [reports],
  },
  {
    group: 'gloo.solo.io',
    kinds: ['Proxy', 'Settings', 'Upstream', 'UpstreamGroup'],
    restsOn,
    checks: [reports],
  },
];
