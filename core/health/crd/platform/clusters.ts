import { listAt, textAt, valueAt } from '../../../object/json/field.ts';
import { condition, falseFails, type HealthCheck, observedAt, when, word } from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

const disabled = when(
  (live) => valueAt(live, 'spec', 'disabled') === true,
  'Healthy',
  'spec.disabled is true',
);
const compliance = { Compliant: 'Healthy', Pending: 'Progressing', NonCompliant: 'Degraded' } as const;

/** Clusters, or templates of a replicated policy, that do not comply. */
const offenders: HealthCheck = (live) => {
  if (textAt(live, 'status', 'compliant') !== 'NonCompliant') return undefined;
  const names = [
    ...listAt(live, 'status', 'status').map((entry) => ({ entry, name: textAt(entry, 'clustername') })),
    ...listAt(live, 'status', 'details').map((entry) => ({
      entry,
      name: textAt(entry, 'templateMeta', 'name'),
    })),
  ].filter(({ entry }) => textAt(entry, 'compliant') !== 'Compliant');
  return health(
    'Degraded',
    names.length === 0 ? 'NonCompliant' : `not compliant: ${names.map(({ name }) => name).join(', ')}`,
  );
};

const placedNowhere = when(
  (live) =>
    textAt(live, 'status', 'compliant') === '' &&
    listAt(live, 'status', 'status').length === 0 &&
    listAt(live, 'status', 'placement').length > 0,
  'Healthy',
  'no cluster matches its placement',
);

/** What each member cluster says of the object that was sent to it; of clusters that it is bound to no more, nothing. */
const members: HealthCheck = (live) => {
  const clusters = listAt(live, 'spec', 'clusters').map((cluster) => textAt(cluster, 'name'));
  const told = listAt(live, 'status', 'aggregatedStatus').filter(
    (item) =>
      valueAt(live, 'spec', 'clusters') === undefined || clusters.includes(textAt(item, 'clusterName')),
  );
  const bad = told.find(
    (item) =>
      textAt(item, 'health') === 'Unhealthy' ||
      (textAt(item, 'health') === 'Unknown' && valueAt(item, 'applied') !== true),
  );
  if (bad !== undefined) {
    const message = textAt(bad, 'appliedMessage') || `is ${textAt(bad, 'health')}`;
    return health('Degraded', `${textAt(bad, 'clusterName')}: ${message}`);
  }
  if (told.length === 0) return undefined;
  if (told.length < clusters.length)
    return health('Progressing', `${told.length} of ${clusters.length} clusters have answered`);
  return health('Healthy');
};

/** What is handed out to many clusters: Open Cluster Management's policies, Karmada's bindings. */
export const clusters: readonly KindRule[] = [
  {
    group: 'policy.open-cluster-management.io',
    kinds: ['Policy'],
    restsOn: '`spec.disabled`, `status.compliant`, `status.status[]`, `status.details[]`, `status.placement`',
    fromSpec: [disabled],
    checks: [offenders, word(['status', 'compliant'], compliance), placedNowhere],
  },
  {
    group: 'policy.open-cluster-management.io',
    kinds: ['ConfigurationPolicy'],
    restsOn: '`status.lastEvaluatedGeneration`, `status.compliant`',
    observes: observedAt('status', 'lastEvaluatedGeneration'),
    checks: [word(['status', 'compliant'], compliance)],
  },
  {
    group: 'policy.open-cluster-management.io',
    kinds: ['CertificatePolicy'],
    restsOn: '`status.compliant`',
    checks: [word(['status', 'compliant'], compliance)],
  },
  {
    group: 'policy.open-cluster-management.io',
    kinds: ['OperatorPolicy'],
    restsOn: '`status.observedGeneration`, condition `Compliant`',
    checks: [condition('Compliant', falseFails)],
  },
  {
    group: 'work.karmada.io',
    kinds: ['ResourceBinding', 'ClusterResourceBinding'],
    restsOn:
      'condition `Scheduled`, `spec.clusters[]`, `status.aggregatedStatus[].health`, `.applied`, `.appliedMessage`',
    // The scheduler's own generation says nothing: its releases until 1.10 left it behind once all was placed.
    checks: [
      // No cluster may fit now, and one may come.
      condition('Scheduled', {
        False: 'Progressing',
        reasons: { BindingFailedScheduling: 'Progressing', SchedulerError: 'Progressing' },
      }),
      members,
    ],
  },
];
