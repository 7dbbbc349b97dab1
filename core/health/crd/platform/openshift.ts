import { listAt, numberAt, textAt } from '../../../object/json/field.ts';
import { condition, falseFails, falseWaits, type HealthCheck, suspendedBy, when, word } from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

/** A route is admitted by each router on its own. */
const admitted: HealthCheck = (live) => {
  const conditions = listAt(live, 'status', 'ingress')
    .flatMap((ingress) => listAt(ingress, 'conditions'))
    .filter((found) => textAt(found, 'type') === 'Admitted');
  if (conditions.length === 0) return undefined;
  const refused = conditions.find((found) => textAt(found, 'status') === 'False');
  if (refused !== undefined) {
    return health('Degraded', textAt(refused, 'message') || textAt(refused, 'reason'));
  }
  const open = conditions.some((found) => textAt(found, 'status') !== 'True');
  return open ? health('Progressing', 'a router has not decided yet') : health('Healthy');
};

const rolledOut: HealthCheck = (live) => {
  if (numberAt(live, 'status', 'updatedReplicas') === undefined) return undefined;
  const wanted = numberAt(live, 'spec', 'replicas') ?? 0;
  const updated = numberAt(live, 'status', 'updatedReplicas') ?? 0;
  const available = numberAt(live, 'status', 'availableReplicas') ?? 0;
  if (updated < wanted) return health('Progressing', `${updated} of ${wanted} replicas are updated`);
  if (available < wanted) return health('Progressing', `${available} of ${wanted} replicas are available`);
  return health('Healthy');
};

/** OpenShift and the Operator Lifecycle Manager. */
export const openshift: readonly KindRule[] = [
  {
    group: 'route.openshift.io',
    kinds: ['Route'],
    restsOn: '`status.ingress[].conditions` `Admitted`',
    checks: [admitted],
  },
  {
    group: 'apps.openshift.io',
    kinds: ['DeploymentConfig'],
    restsOn:
      '`spec.paused`, `status.observedGeneration`, condition `Progressing`, `status.updatedReplicas`, `status.availableReplicas`',
    fromSpec: [suspendedBy('spec', 'paused')],
    checks: [
      // Unknown while the pod that rolls it out waits to run.
      condition('Progressing', { False: 'Degraded', Unknown: 'Progressing' }),
      rolledOut,
      condition('Progressing', {
        True: 'Progressing',
        reasons: { NewReplicationControllerAvailable: 'Healthy' },
      }),
    ],
  },
  {
    group: 'build.openshift.io',
    kinds: ['Build'],
    restsOn: '`status.phase`, `status.message`',
    checks: [
      word(['status', 'phase'], {
        Complete: 'Healthy',
        Cancelled: 'Suspended',
        Failed: 'Degraded',
        Error: 'Degraded',
      }),
    ],
  },
  {
    group: 'config.openshift.io',
    kinds: ['ClusterOperator'],
    restsOn: 'conditions `Degraded`, `Progressing`, `Available`',
    checks: [
      condition('Degraded', { True: 'Degraded' }),
      condition('Progressing', { True: 'Progressing' }),
      condition('Available', falseFails),
    ],
  },
  {
    group: 'machineconfiguration.openshift.io',
    kinds: ['MachineConfigPool'],
    restsOn: '`spec.paused`, `status.observedGeneration`, conditions `Degraded`, `Updating`, `Updated`',
    fromSpec: [suspendedBy('spec', 'paused')],
    checks: [
      condition('Degraded', { True: 'Degraded' }),
      condition('Updating', { True: 'Progressing' }),
      condition('Updated', falseWaits),
    ],
  },
  {
    group: 'operators.coreos.com',
    kinds: ['Subscription'],
    restsOn:
      'conditions `ResolutionFailed`, `InstallPlanFailed`, `CatalogSourcesUnhealthy`, `status.state`, `status.installedCSV`',
    checks: [
      condition('ResolutionFailed', { True: 'Degraded' }),
      condition('InstallPlanFailed', { True: 'Degraded' }),
      condition('CatalogSourcesUnhealthy', { True: 'Degraded' }),
      when(
        (live) => textAt(live, 'status', 'state') === 'UpgradeFailed',
        'Degraded',
        'the upgrade has failed',
      ),
      // A manual approval is up to a person. What was installed before goes on meanwhile, and no wave waits for it.
      (live) => {
        const waits =
          textAt(live, 'status', 'state') === 'UpgradePending' &&
          textAt(live, 'spec', 'installPlanApproval') === 'Manual';
        if (!waits) return undefined;
        const runs = textAt(live, 'status', 'installedCSV') !== '';
        return health(runs ? 'Healthy' : 'Suspended', 'an install plan waits for approval');
      },
      word(['status', 'state'], { AtLatestKnown: 'Healthy', UpgradeAvailable: 'Healthy' }),
    ],
  },
  {
    group: 'operators.coreos.com',
    kinds: ['ClusterServiceVersion'],
    restsOn: '`status.phase`, `status.message`',
    checks: [word(['status', 'phase'], { Succeeded: 'Healthy', Failed: 'Degraded', Unknown: 'Unknown' })],
  },
  {
    group: 'operators.coreos.com',
    kinds: ['InstallPlan'],
    restsOn: '`status.phase`, `status.message`',
    checks: [
      word(['status', 'phase'], { Complete: 'Healthy', RequiresApproval: 'Suspended', Failed: 'Degraded' }),
    ],
  },
  {
    group: 'operators.coreos.com',
    kinds: ['CatalogSource'],
    restsOn: '`status.connectionState.lastObservedState`',
    checks: [
      word(['status', 'connectionState', 'lastObservedState'], {
        READY: 'Healthy',
        TRANSIENT_FAILURE: 'Degraded',
      }),
    ],
  },
  {
    group: 'olm.operatorframework.io',
    kinds: ['ClusterExtension'],
    restsOn: 'conditions `Progressing` with its reason, `Installed`, with their generation',
    checks: [
      condition('Progressing', {
        reasons: { Blocked: 'Degraded', Retrying: 'Progressing' },
      }),
      condition('Installed', falseWaits),
    ],
  },
];
