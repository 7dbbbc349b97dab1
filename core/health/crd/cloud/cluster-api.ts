import { conditionOf, listAt, textAt, valueAt } from '../../../object/json/field.ts';
import type { Manifest } from '../../../object/manifest/manifest.ts';
import {
  condition,
  falseWaits,
  type HealthCheck,
  readCondition,
  suspendedBy,
  suspendedByAnnotation,
  when,
  word,
} from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

/** An error that cannot be repaired. Objects of v1beta2 keep it among what is left of v1beta1. */
const failureMessage = (live: Manifest): string =>
  textAt(live, 'status', 'failureMessage') ||
  textAt(live, 'status', 'deprecated', 'v1beta1', 'failureMessage');

const reported: HealthCheck = when((live) => failureMessage(live) !== '', 'Degraded', failureMessage);

/** Ready sums up parts that may all be there before the whole is. */
const provisioning: HealthCheck = when(
  (live) =>
    textAt(live, 'status', 'phase') === 'Provisioning' &&
    textAt(conditionOf(live, 'Ready'), 'status') === 'True',
  'Progressing',
  'status.phase is "Provisioning"',
);

const paused = suspendedByAnnotation('cluster.x-k8s.io/paused');

/** Control planes of clouds are ready while they are brought to another version. */
const updating: HealthCheck = (live) =>
  listAt(live, 'status', 'conditions')
    .filter((found) => /ControlPlane(Creating|Updating)$/.test(textAt(found, 'type')))
    .map((found) => readCondition(live, found, { True: 'Progressing' }))
    .find((answer) => answer !== undefined);

/** `Available` is of v1beta2, `Ready` of all; an object has one of them, machines have both. */
const usable: readonly HealthCheck[] = [condition('Available', falseWaits), condition('Ready', falseWaits)];

/** Cluster API: clusters, machines, control planes and what infrastructure providers make of them. */
export const clusterApi: readonly KindRule[] = [
  {
    group: 'cluster.x-k8s.io',
    kinds: ['Cluster', 'Machine', 'MachineDeployment', 'MachinePool', 'MachineSet'],
    restsOn:
      '`spec.paused`, annotation `cluster.x-k8s.io/paused`, `status.observedGeneration`, `status.phase`, `status.failureMessage` (of v1beta2 below `status.deprecated.v1beta1`), conditions `Available`, `Ready` with its severity',
    fromSpec: [suspendedBy('spec', 'paused'), paused],
    checks: [
      reported,
      when((live) => textAt(live, 'status', 'phase') === 'Failed', 'Degraded', 'status.phase is "Failed"'),
      provisioning,
      ...usable,
      word(['status', 'phase'], { Running: 'Healthy', Provisioned: 'Healthy', Provisioning: 'Progressing' }),
    ],
  },
  {
    group: 'controlplane.cluster.x-k8s.io',
    kinds: ['*'],
    restsOn:
      'annotation `cluster.x-k8s.io/paused`, `status.observedGeneration`, `status.failureMessage` (of v1beta2 below `status.deprecated.v1beta1`), conditions `*ControlPlaneUpdating`, `Available`, `Ready` with its severity',
    fromSpec: [paused],
    checks: [reported, updating, ...usable],
  },
  {
    group: 'infrastructure.cluster.x-k8s.io',
    kinds: ['*'],
    restsOn:
      'annotation `cluster.x-k8s.io/paused`, `status.failureMessage`, condition `Ready` with its severity, `status.initialization.provisioned`',
    fromSpec: [paused],
    checks: [
      reported,
      condition('Ready', falseWaits),
      when((live) => valueAt(live, 'status', 'initialization', 'provisioned') === true, 'Healthy'),
    ],
    earlier: {
      before: '1.11',
      restsOn: '`status.ready`',
      checks: [when((live) => valueAt(live, 'status', 'ready') === true, 'Healthy')],
    },
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
