import { condition, falseFails, falseWaits } from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

/** Knative's own meaning: false is final, unknown is on its way. */
const ready: KindRule['checks'] = [condition('Ready', falseFails)];
const restsOn = '`status.observedGeneration`, condition `Ready`';

/** Knative Serving, Eventing, and their operator. */
export const knative: readonly KindRule[] = [
  {
    group: 'serving.knative.dev',
    kinds: ['Service', 'Configuration', 'Revision', 'Route', 'DomainMapping'],
    restsOn,
    checks: ready,
  },
  { group: 'eventing.knative.dev', kinds: ['Broker', 'Trigger'], restsOn, checks: ready },
  {
    group: 'messaging.knative.dev',
    kinds: ['Channel', 'InMemoryChannel', 'Subscription'],
    restsOn,
    checks: ready,
  },
  { group: 'sources.knative.dev', kinds: ['*'], restsOn, checks: ready },
  { group: 'flows.knative.dev', kinds: ['Sequence', 'Parallel'], restsOn, checks: ready },
  {
    group: 'operator.knative.dev',
    kinds: ['KnativeServing', 'KnativeEventing'],
    restsOn: '`status.observedGeneration`, conditions `InstallSucceeded`, `Ready`',
    // False while its deployments come up; whether the installation itself failed has a condition of its own.
    checks: [condition('InstallSucceeded', { False: 'Degraded' }), condition('Ready', falseWaits)],
  },
];
