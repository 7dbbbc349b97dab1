import { listAt, numberAt, textAt, valueAt } from '../../../object/json/field.ts';
import { isNumber } from '../../../object/json/json.ts';
import {
  condition,
  falseFails,
  falseWaits,
  type HealthCheck,
  standard,
  suspendedByAnnotation,
  when,
  word,
} from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

const shootStates: HealthCheck = (live) => {
  const state = textAt(live, 'status', 'lastOperation', 'state');
  // An error is tried again and has failed all the same.
  if (!['Error', 'Failed', 'Aborted'].includes(state)) return undefined;
  return health('Degraded', textAt(live, 'status', 'lastOperation', 'description') || `it is ${state}`);
};

/** Fewer healthy machines than are expected come up or are replaced, unless that has been stopped. */
const healthyMachines: HealthCheck = (live) => {
  const expected = numberAt(live, 'status', 'expectedMachines');
  if (expected === undefined) return undefined;
  const healthy = numberAt(live, 'status', 'currentHealthy') ?? 0;
  return healthy >= expected
    ? health('Healthy')
    : health('Progressing', `${healthy} of ${expected} machines are healthy`);
};

/** Before its conditions an APIManager listed its deployments by what they do. */
const listedDeployments: HealthCheck = (live) => {
  const count = (state: string): number => listAt(live, 'status', 'deployments', state).length;
  if (valueAt(live, 'status', 'deployments') === undefined) return undefined;
  const waiting = count('starting') + count('stopped');
  if (waiting > 0) return health('Progressing', `${waiting} deployments are not ready`);
  return count('ready') > 0 ? health('Healthy') : undefined;
};

const istioStates = ['NONE', 'UPDATING', 'RECONCILING', 'HEALTHY', 'ERROR', 'ACTION_REQUIRED'];
const istioWords: Parameters<typeof word>[1] = {
  NONE: 'Progressing',
  HEALTHY: 'Healthy',
  ERROR: 'Degraded',
  ACTION_REQUIRED: 'Degraded',
};

/** Single releases write the number of the state. */
const istioState: HealthCheck = (live) => {
  const written = valueAt(live, 'status', 'status');
  const status = isNumber(written) ? istioStates[Number(written)] : written;
  return word(['status', 'status'], istioWords)({ ...live, status: { ...Object(live['status']), status } });
};

/** Clusters, networks and storage of whole platforms. */
export const infrastructure: readonly KindRule[] = [
  {
    group: 'core.gardener.cloud',
    kinds: ['Shoot'],
    restsOn:
      '`status.observedGeneration`, `status.lastOperation.state`, `status.hibernated`, label `shoot.gardener.cloud/status`',
    checks: [
      shootStates,
      when(
        (live) => valueAt(live, 'status', 'hibernated') === true,
        'Suspended',
        'status.hibernated is true',
      ),
      word(['metadata', 'labels', 'shoot.gardener.cloud/status'], {
        healthy: 'Healthy',
        unhealthy: 'Degraded',
        unknown: 'Unknown',
      }),
      word(['status', 'lastOperation', 'state'], { Succeeded: 'Healthy' }),
    ],
  },
  {
    group: 'addons.cluster.x-k8s.io',
    kinds: ['ClusterResourceSet'],
    restsOn: '`status.observedGeneration`, condition `ResourcesApplied` with its reason',
    checks: [
      condition('ResourcesApplied', {
        ...falseFails,
        // Most of these are of severity Warning; none of them passes by itself.
        reasons: {
          ApplyFailed: 'Degraded',
          ClusterMatchFailed: 'Degraded',
          RemoteClusterClientFailed: 'Degraded',
          RetrievingResourceFailed: 'Degraded',
          WrongSecretType: 'Degraded',
        },
      }),
      when(
        (live) => numberAt(live, 'status', 'observedGeneration') !== undefined,
        'Healthy',
        'no cluster matches yet',
      ),
    ],
  },
  {
    group: 'cluster.x-k8s.io',
    kinds: ['MachineHealthCheck'],
    restsOn:
      'annotation `cluster.x-k8s.io/paused`, `status.observedGeneration`, condition `RemediationAllowed`, `status.expectedMachines`, `status.currentHealthy`',
    fromSpec: [suspendedByAnnotation('cluster.x-k8s.io/paused')],
    checks: [
      when(
        (live) =>
          listAt(live, 'status', 'conditions').some(
            (one) => textAt(one, 'type') === 'RemediationAllowed' && textAt(one, 'status') === 'False',
          ),
        'Degraded',
        'too many machines are unhealthy to be replaced',
      ),
      healthyMachines,
    ],
  },
  {
    group: 'nmstate.io',
    kinds: ['NodeNetworkConfigurationPolicy'],
    restsOn: 'conditions `Degraded`, `Progressing`, `Available`, `Ignored`; one that fits no node is at rest',
    checks: [
      condition('Degraded', { True: 'Degraded' }),
      condition('Progressing', { True: 'Progressing' }),
      condition('Ignored', { True: 'Healthy' }),
      condition('Available', falseWaits),
    ],
  },
  {
    group: 'operator.openshift.io',
    kinds: ['IngressController'],
    restsOn:
      '`status.observedGeneration`, conditions `Degraded`, `Progressing`, `DeploymentReplicasAllAvailable`, `Available`',
    checks: [
      condition('Degraded', { True: 'Degraded' }),
      condition('Progressing', { True: 'Progressing' }),
      condition('DeploymentReplicasAllAvailable', { False: 'Progressing' }),
      condition('Available', falseWaits),
    ],
  },
  {
    group: 'ocs.openshift.io',
    kinds: ['StorageCluster'],
    restsOn: 'conditions `Degraded`, `Progressing`, `Available`; `status.phase`',
    checks: [
      condition('Degraded', { True: 'Degraded' }),
      condition('Progressing', { True: 'Progressing' }),
      condition('Available', falseWaits),
      word(['status', 'phase'], { Ready: 'Healthy' }),
    ],
  },
  {
    group: 'objectbucket.io',
    kinds: ['ObjectBucketClaim'],
    restsOn: '`status.phase`',
    checks: [word(['status', 'phase'], { Bound: 'Healthy', Failed: 'Degraded' })],
  },
  {
    group: 'apps.3scale.net',
    kinds: ['APIManager'],
    restsOn: 'conditions `Preflights`, `Available`',
    checks: [
      condition('Preflights', { False: 'Degraded' }),
      condition('Available', { ...falseWaits, reasons: { MissingWatchedSecrets: 'Degraded' } }),
    ],
    earlier: {
      before: '0.8',
      restsOn: '`status.deployments`',
      checks: [listedDeployments],
    },
  },
  {
    group: 'iammanager.keikoproj.io',
    kinds: ['Iamrole'],
    restsOn: '`status.state`, `status.errorDescription`',
    checks: [
      word(
        ['status', 'state'],
        {
          Ready: 'Healthy',
          RolesMaxLimitReached: 'Degraded',
          PolicyNotAllowed: 'Degraded',
          RoleNameNotAvailable: 'Degraded',
        },
        ['status', 'errorDescription'],
      ),
    ],
  },
  {
    group: 'install.istio.io',
    kinds: ['IstioOperator'],
    restsOn: '`status.status`, also where it is a number',
    checks: [istioState],
  },
  {
    group: 'grafana-org-operator.kubitus-project.gitlab.io',
    kinds: ['*'],
    restsOn: 'condition `Ready` with its generation',
    checks: standard(),
  },
];
