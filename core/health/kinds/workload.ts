import { conditionOf, numberAt, textAt, valueAt } from '../../object/json/field.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { unobserved } from '../check.ts';
import { health, type ObjectHealth } from '../health.ts';

/** Whether the controller has not seen the newest spec yet, so that the status speaks of an older one. */
function isStale(live: Manifest): boolean {
  return (live.metadata.generation ?? 0) > count(live, 'observedGeneration');
}

function count(live: Manifest, field: string): number {
  return numberAt(live, 'status', field) ?? 0;
}

/** A Deployment is healthy when all its replicas are new and available; a paused one is suspended. */
export function assessDeployment(live: Manifest): ObjectHealth {
  if (valueAt(live, 'spec', 'paused') === true) return health('Suspended', 'deployment is paused');
  if (isStale(live)) return health('Progressing', unobserved);
  const progress = conditionOf(live, 'Progressing');
  if (textAt(progress, 'reason') === 'ProgressDeadlineExceeded') {
    return health('Degraded', `deployment "${live.metadata.name}" exceeded its progress deadline`);
  }
  const wanted = numberAt(live, 'spec', 'replicas');
  const updated = count(live, 'updatedReplicas');
  if (wanted !== undefined && updated < wanted) {
    return health('Progressing', `${updated} of ${wanted} replicas are updated`);
  }
  const old = count(live, 'replicas') - updated;
  if (old > 0) return health('Progressing', `${old} old replicas are still there`);
  const available = count(live, 'availableReplicas');
  if (available < updated)
    return health('Progressing', `${available} of ${updated} updated replicas are available`);
  return health('Healthy');
}

/** A ReplicaSet is healthy when its replicas are available, and degraded when it cannot make them. */
export function assessReplicaSet(live: Manifest): ObjectHealth {
  if (isStale(live)) return health('Progressing', unobserved);
  const failure = conditionOf(live, 'ReplicaFailure');
  if (textAt(failure, 'status') === 'True') return health('Degraded', textAt(failure, 'message'));
  const wanted = numberAt(live, 'spec', 'replicas');
  const available = count(live, 'availableReplicas');
  if (wanted !== undefined && available < wanted) {
    return health('Progressing', `${available} of ${wanted} replicas are available`);
  }
  return health('Healthy');
}

/** A StatefulSet is healthy when its pods are ready and, unless parts are held back, all of one revision. */
export function assessStatefulSet(live: Manifest): ObjectHealth {
  if (count(live, 'observedGeneration') === 0 || isStale(live)) return health('Progressing', unobserved);
  const wanted = numberAt(live, 'spec', 'replicas');
  const ready = count(live, 'readyReplicas');
  if (wanted !== undefined && ready < wanted)
    return health('Progressing', `${ready} of ${wanted} pods are ready`);
  const updated = count(live, 'updatedReplicas');
  const strategy = textAt(live, 'spec', 'updateStrategy', 'type');
  if (
    strategy === 'RollingUpdate' &&
    valueAt(live, 'spec', 'updateStrategy', 'rollingUpdate') !== undefined
  ) {
    const partition = numberAt(live, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
    const due = wanted !== undefined && partition !== undefined ? wanted - partition : 0;
    if (updated < due) return health('Progressing', `${updated} of ${due} pods of the partition are updated`);
    return health('Healthy', `the partition is updated: ${updated} new pods`);
  }
  if (strategy === 'OnDelete') return health('Healthy', `${ready} pods are ready`);
  const revision = textAt(live, 'status', 'updateRevision');
  if (revision !== textAt(live, 'status', 'currentRevision')) {
    return health('Progressing', `${updated} pods are at revision ${revision}`);
  }
  return health('Healthy', `${count(live, 'currentReplicas')} pods are at revision ${revision}`);
}

/** A DaemonSet is healthy when every node that wants its pod has a new and available one. */
export function assessDaemonSet(live: Manifest): ObjectHealth {
  if (isStale(live)) return health('Progressing', unobserved);
  const wanted = count(live, 'desiredNumberScheduled');
  const updated = count(live, 'updatedNumberScheduled');
  if (textAt(live, 'spec', 'updateStrategy', 'type') === 'OnDelete') {
    return health('Healthy', `${updated} of ${wanted} pods are updated`);
  }
  if (updated < wanted) return health('Progressing', `${updated} of ${wanted} pods are updated`);
  const available = count(live, 'numberAvailable');
  if (available < wanted) return health('Progressing', `${available} of ${wanted} pods are available`);
  return health('Healthy');
}
