import { conditionOf, textAt } from '../../object/field.ts';
import type { Manifest } from '../../object/manifest.ts';
import {
  condition,
  type HealthCheck,
  observed,
  suspendedBy,
  suspendedByAnnotation,
  when,
  word,
} from '../check.ts';
import type { KindRule } from '../kind-rule.ts';

/** Until v1beta2 a false condition says by its severity whether it is an error or a step on the way. */
const readyError: HealthCheck = when(
  (live) => {
    const ready = conditionOf(live, 'Ready');
    return textAt(ready, 'status') === 'False' && textAt(ready, 'severity') === 'Error';
  },
  'Degraded',
  readyMessage,
);

function readyMessage(live: Manifest): string {
  const ready = conditionOf(live, 'Ready');
  return textAt(ready, 'message') || textAt(ready, 'reason');
}

const reported: HealthCheck = when(
  (live) => textAt(live, 'status', 'failureMessage') !== '',
  'Degraded',
  (live) => textAt(live, 'status', 'failureMessage'),
);

const paused = suspendedByAnnotation('cluster.x-k8s.io/paused');
/** `Available` is of v1beta2, `Ready` of all; an object has one of them, machines have both. */
const usable: readonly HealthCheck[] = [
  condition('Available', { True: 'Healthy', False: 'Progressing', Unknown: 'Progressing' }),
  condition('Ready', { True: 'Healthy', False: 'Progressing', Unknown: 'Progressing' }),
];

/** Cluster API: clusters, machines, control planes and what infrastructure providers make of them. */
export const clusterApi: readonly KindRule[] = [
  {
    group: 'cluster.x-k8s.io',
    kinds: ['Cluster', 'Machine', 'MachineDeployment', 'MachinePool', 'MachineSet'],
    restsOn:
      '`spec.paused`, annotation `cluster.x-k8s.io/paused`, `status.observedGeneration`, `status.phase`, `status.failureMessage`, conditions `Available`, `Ready` with its severity',
    checks: [
      suspendedBy('spec', 'paused'),
      paused,
      observed,
      reported,
      when((live) => textAt(live, 'status', 'phase') === 'Failed', 'Degraded', 'status.phase is "Failed"'),
      readyError,
      ...usable,
      word(['status', 'phase'], { Running: 'Healthy', Provisioned: 'Healthy', Provisioning: 'Progressing' }),
    ],
  },
  {
    group: 'controlplane.cluster.x-k8s.io',
    kinds: ['*'],
    restsOn:
      'annotation `cluster.x-k8s.io/paused`, `status.observedGeneration`, `status.failureMessage`, conditions `Available`, `Ready` with its severity',
    checks: [paused, observed, reported, readyError, ...usable],
  },
  {
    group: 'infrastructure.cluster.x-k8s.io',
    kinds: ['*'],
    restsOn:
      'annotation `cluster.x-k8s.io/paused`, `status.failureMessage`, condition `Ready` with its severity, `status.ready`',
    checks: [
      paused,
      reported,
      readyError,
      condition('Ready', { True: 'Healthy', False: 'Progressing', Unknown: 'Progressing' }),
      when(isMarkedReady, 'Healthy'),
    ],
  },
  // Templates and identities have nothing to become ready.
  {
    group: 'controlplane.cluster.x-k8s.io',
    kinds: ['*Template'],
    restsOn: '',
    checks: [],
  },
  {
    group: 'infrastructure.cluster.x-k8s.io',
    kinds: ['*Template', '*Identity'],
    restsOn: '',
    checks: [],
  },
];

function isMarkedReady(live: Manifest): boolean {
  const status = live['status'];
  return typeof status === 'object' && status !== null && Reflect.get(status, 'ready') === true;
}
