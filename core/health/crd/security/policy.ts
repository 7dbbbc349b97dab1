import { listAt, numberAt, textAt, valueAt } from '../../../object/json/field.ts';
import { condition, falseFails, type HealthCheck, unobserved, when, word } from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

/** Every Gatekeeper pod reports for itself which generation it enforces and what is wrong. */
const byPod: HealthCheck = (live) => {
  const pods = listAt(live, 'status', 'byPod');
  const errors = pods.flatMap((pod) => listAt(pod, 'errors'));
  if (errors.length > 0) return health('Degraded', textAt(errors[0], 'message'));
  const stale = pods.some(
    (pod) => (numberAt(pod, 'observedGeneration') ?? 0) < (live.metadata.generation ?? 0),
  );
  return pods.length > 0 && stale ? health('Progressing', unobserved) : undefined;
};

/** Policies and tenants: Kyverno, Gatekeeper, Capsule, hierarchical namespaces. */
export const policy: readonly KindRule[] = [
  {
    group: 'kyverno.io',
    kinds: ['ClusterPolicy', 'Policy'],
    restsOn: 'condition `Ready`',
    checks: [condition('Ready', falseFails)],
  },
  {
    group: 'templates.gatekeeper.sh',
    kinds: ['ConstraintTemplate'],
    restsOn: '`status.byPod[].errors`, `status.byPod[].observedGeneration`, `status.created`',
    checks: [byPod, when((live) => valueAt(live, 'status', 'created') === true, 'Healthy')],
  },
  {
    group: 'constraints.gatekeeper.sh',
    kinds: ['*'],
    restsOn: '`status.byPod[].errors`, `.observedGeneration`, `.enforced`',
    checks: [
      byPod,
      (live) => {
        const pods = listAt(live, 'status', 'byPod');
        if (pods.length === 0) return undefined;
        const all = pods.every((pod) => valueAt(pod, 'enforced') === true);
        return all ? health('Healthy') : health('Progressing', 'a pod does not enforce it yet');
      },
    ],
  },
  {
    group: 'capsule.clastix.io',
    kinds: ['Tenant'],
    restsOn: '`status.state`, condition `Ready`',
    checks: [
      word(['status', 'state'], { Cordoned: 'Suspended', Active: 'Healthy' }),
      condition('Ready', falseFails),
    ],
  },
  {
    group: 'hnc.x-k8s.io',
    kinds: ['SubnamespaceAnchor'],
    restsOn: '`status.status`',
    checks: [
      word(['status', 'status'], {
        Ok: 'Healthy',
        Missing: 'Progressing',
        Conflict: 'Degraded',
        Forbidden: 'Degraded',
      }),
    ],
  },
  {
    group: 'hnc.x-k8s.io',
    kinds: ['HierarchyConfiguration'],
    restsOn: 'conditions `ActivitiesHalted`, `BadConfiguration`, there only while they hold',
    checks: [
      condition('ActivitiesHalted', { True: 'Degraded' }),
      condition('BadConfiguration', { True: 'Degraded' }),
    ],
    silent: 'Healthy',
  },
];
