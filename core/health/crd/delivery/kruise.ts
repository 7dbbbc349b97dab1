import { conditionOf, numberAt, textAt, valueAt } from '../../../object/json/field.ts';
import type { Manifest } from '../../../object/manifest/manifest.ts';
import { condition, type HealthCheck, idleBy, saysFailure, suspendedBy, when, word } from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

/** The counts of a workload, under the names that its kind gives them. */
type Counts = { readonly wanted: string; readonly updated: string; readonly available: string };

/**
 * Healthy with all of its pods new and available. What a partition holds back stays old until a person moves it; a pod
 * that is not available is on its way, as in every update.
 */
function rolledOut({ wanted, updated, available }: Counts): HealthCheck {
  return (live) => {
    const total = numberAt(live, 'status', wanted);
    if (total === undefined) return undefined;
    const count = (name: string) => numberAt(live, 'status', name) ?? 0;
    const news = numberAt(live, 'status', updated) ?? count(available);
    const partition = valueAt(live, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
    const held = Math.max(
      0,
      total - due(live, total, partition ?? valueAt(live, 'spec', 'updateStrategy', 'partition')),
    );
    if (news < total - held) return health('Progressing', `${news} of ${total - held} pods are updated`);
    if (news < total) return health('Suspended', `the partition holds ${total - news} pods back`);
    if (count(available) >= total) return health('Healthy');
    return health('Progressing', `${count(available)} of ${total} pods are updated and available`);
  };
}

/** How many pods are to be new: the controller's own word, else all but the partition, a number or a share. */
function due(live: Manifest, total: number, partition: unknown): number {
  const told = numberAt(live, 'status', 'expectedUpdatedReplicas');
  if (told !== undefined) return told;
  const share = typeof partition === 'string' ? /^(\d+)%$/.exec(partition)?.[1] : undefined;
  const held =
    share === undefined
      ? (numberAt({ partition }, 'partition') ?? 0)
      : Math.ceil((total * Number(share)) / 100);
  return total - held;
}

const replicas = { wanted: 'replicas', updated: 'updatedReplicas', available: 'updatedAvailableReplicas' };
const failedSteps = ['FailedScale', 'FailedUpdate', 'FailedCreatePod', 'FailedUpdatePod'].map((type) =>
  condition(type, { True: 'Degraded' }),
);

/** A server is where it is to be, and its pod with it. */
const gameServer: HealthCheck = (live) => {
  const current = textAt(live, 'status', 'currentState');
  const desired = textAt(live, 'status', 'desiredState');
  if (current === '' && desired === '') return undefined;
  if (current === 'Crash' || saysFailure(current))
    return health('Degraded', `status.currentState is "${current}"`);
  if (current !== desired) return health('Progressing', `it is "${current}" and is to be "${desired}"`);
  const pod = conditionOf({ status: valueAt(live, 'status', 'podStatus') }, 'KruisePodReady');
  if (pod !== undefined && textAt(pod, 'status') !== 'True') {
    return health('Degraded', textAt(pod, 'message') || 'its pod is not ready');
  }
  return current === 'Ready' ? health('Healthy') : undefined;
};

/** OpenKruise: workloads that are updated in place and in parts, and its game servers. */
export const kruise: readonly KindRule[] = [
  {
    group: 'apps.kruise.io',
    kinds: ['CloneSet'],
    restsOn:
      '`spec.updateStrategy.paused`, `status.observedGeneration`, conditions `FailedScale`, `FailedUpdate`, `status.replicas`, `.expectedUpdatedReplicas`, `.updatedReplicas`, `.updatedAvailableReplicas`',
    fromSpec: [suspendedBy('spec', 'updateStrategy', 'paused')],
    checks: [...failedSteps, rolledOut(replicas)],
  },
  {
    group: 'apps.kruise.io',
    kinds: ['StatefulSet'],
    restsOn:
      '`spec.updateStrategy.rollingUpdate.paused`, `.partition`, `status.observedGeneration`, conditions `FailedCreatePod`, `FailedUpdatePod`, `status.replicas`, `.updatedReplicas`, `.updatedAvailableReplicas`',
    fromSpec: [suspendedBy('spec', 'updateStrategy', 'rollingUpdate', 'paused')],
    checks: [...failedSteps, rolledOut(replicas)],
  },
  {
    group: 'apps.kruise.io',
    kinds: ['DaemonSet'],
    restsOn:
      '`spec.updateStrategy.rollingUpdate.paused`, `.partition`, `status.observedGeneration`, `status.desiredNumberScheduled`, `.updatedNumberScheduled`, `.numberAvailable`',
    fromSpec: [suspendedBy('spec', 'updateStrategy', 'rollingUpdate', 'paused')],
    checks: [
      rolledOut({
        wanted: 'desiredNumberScheduled',
        updated: 'updatedNumberScheduled',
        available: 'numberAvailable',
      }),
    ],
  },
  {
    group: 'apps.kruise.io',
    kinds: ['BroadcastJob'],
    restsOn: '`status.phase`',
    checks: [
      word(['status', 'phase'], {
        completed: 'Healthy',
        running: 'Progressing',
        paused: 'Suspended',
        failed: 'Degraded',
      }),
    ],
  },
  {
    group: 'apps.kruise.io',
    kinds: ['AdvancedCronJob'],
    restsOn: '`spec.paused` (at rest, so Healthy), `status.type`, `.lastScheduleTime`, `.active`',
    fromSpec: [idleBy('spec', 'paused')],
    checks: [
      // Its runs are objects of their own; between them, and before the first, there is nothing to wait for.
      when(
        (live) =>
          ['type', 'lastScheduleTime', 'active'].some((name) => valueAt(live, 'status', name) !== undefined),
        'Healthy',
      ),
    ],
  },
  {
    group: 'game.kruise.io',
    kinds: ['GameServer'],
    restsOn: '`status.currentState`, `.desiredState`, `status.podStatus.conditions` `KruisePodReady`',
    checks: [gameServer],
  },
  {
    group: 'game.kruise.io',
    kinds: ['GameServerSet'],
    restsOn:
      '`spec.updateStrategy.rollingUpdate.paused`, `.partition`, `status.observedGeneration`, `status.replicas`, `.updatedReplicas`, `.updatedReadyReplicas`',
    fromSpec: [suspendedBy('spec', 'updateStrategy', 'rollingUpdate', 'paused')],
    checks: [rolledOut({ ...replicas, available: 'updatedReadyReplicas' })],
  },
];
