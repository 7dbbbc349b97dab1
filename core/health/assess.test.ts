import { describe, expect, it } from 'vitest';
import type { Manifest } from '../object/manifest/manifest.ts';
import { assessHealth, hasHealthRule } from './assess.ts';

function object(apiVersion: string, kind: string, content: object, metadata: object = {}): Manifest {
  return { apiVersion, kind, metadata: { name: 'x', ...metadata }, ...content };
}

const deployment = {
  spec: { replicas: 2 },
  status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
};
const stateful = {
  spec: { replicas: 2 },
  status: {
    observedGeneration: 1,
    readyReplicas: 2,
    updatedReplicas: 2,
    currentReplicas: 2,
    currentRevision: 'a',
    updateRevision: 'a',
  },
};
const daemon = {
  status: { observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 },
};

function changed(content: object, part: 'spec' | 'status', change: object): object {
  return { ...content, [part]: { ...Reflect.get(content, part), ...change } };
}

function conditions(...list: object[]): object {
  return { status: { observedGeneration: 1, conditions: list } };
}

function pod(phase: string, restartPolicy: string, status: object = {}, annotations: object = {}): Manifest {
  return object('v1', 'Pod', { spec: { restartPolicy }, status: { phase, ...status } }, { annotations });
}

function waiting(reason: string): object {
  return { containerStatuses: [{ state: { waiting: { reason, message: 'cannot start' } } }] };
}

const generation = { generation: 1 };
const rolling = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } };
const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
const crashed = { containerStatuses: [{ lastState: { terminated: {} } }] };

const table: Record<string, [Manifest, string, RegExp?]> = {
  'a Deployment with all replicas new and available': [
    object('apps/v1', 'Deployment', deployment, generation),
    'Healthy',
  ],
  'a paused Deployment': [
    object('apps/v1', 'Deployment', changed(deployment, 'spec', { paused: true })),
    'Suspended',
    /paused/,
  ],
  'a Deployment whose newest spec is unobserved': [
    object('apps/v1', 'Deployment', deployment, { generation: 2 }),
    'Progressing',
    /observed/,
  ],
  'a Deployment past its deadline': [
    object(
      'apps/v1',
      'Deployment',
      changed(deployment, 'status', {
        conditions: [{ type: 'Progressing', reason: 'ProgressDeadlineExceeded' }],
      }),
    ),
    'Degraded',
    /deadline/,
  ],
  'a Deployment with replicas to update': [
    object('apps/v1', 'Deployment', changed(deployment, 'status', { updatedReplicas: 1 })),
    'Progressing',
    /1 of 2/,
  ],
  'a Deployment with old replicas left': [
    object('apps/v1', 'Deployment', changed(deployment, 'status', { replicas: 3 })),
    'Progressing',
    /1 old/,
  ],
  'a Deployment with unavailable replicas': [
    object('apps/v1', 'Deployment', changed(deployment, 'status', { availableReplicas: 1 })),
    'Progressing',
    /available/,
  ],
  'a Deployment scaled to nothing': [
    object('apps/v1', 'Deployment', { spec: { replicas: 0 }, status: { observedGeneration: 1 } }, generation),
    'Healthy',
  ],
  'a Deployment without status': [
    object('apps/v1', 'Deployment', { spec: { replicas: 1 } }, generation),
    'Progressing',
  ],
  'a Deployment of an old API version': [object('extensions/v1beta1', 'Ingress', {}), 'Progressing'],
  'an unsupported version of a kind': [
    object('apps/v1beta2', 'Deployment', deployment),
    'Unknown',
    /not supported/,
  ],

  'a ReplicaSet with its replicas': [
    object(
      'apps/v1',
      'ReplicaSet',
      { spec: { replicas: 1 }, status: { observedGeneration: 1, availableReplicas: 1 } },
      generation,
    ),
    'Healthy',
  ],
  'a ReplicaSet that cannot make replicas': [
    object(
      'apps/v1',
      'ReplicaSet',
      { spec: {}, ...conditions({ type: 'ReplicaFailure', status: 'True', message: 'quota' }) },
      generation,
    ),
    'Degraded',
    /quota/,
  ],
  'a ReplicaSet whose failure is over': [
    object(
      'apps/v1',
      'ReplicaSet',
      { spec: {}, ...conditions({ type: 'ReplicaFailure', status: 'False' }) },
      generation,
    ),
    'Healthy',
  ],
  'a ReplicaSet with replicas missing': [
    object('apps/v1', 'ReplicaSet', { spec: { replicas: 2 }, status: { observedGeneration: 1 } }, generation),
    'Progressing',
  ],
  'a ReplicaSet with a stale status': [
    object('apps/v1', 'ReplicaSet', {}, generation),
    'Progressing',
    /observed/,
  ],

  'a StatefulSet of one revision': [
    object('apps/v1', 'StatefulSet', stateful, generation),
    'Healthy',
    /revision a/,
  ],
  'a StatefulSet never observed': [
    object('apps/v1', 'StatefulSet', changed(stateful, 'status', { observedGeneration: 0 })),
    'Progressing',
  ],
  'a StatefulSet with pods not ready': [
    object('apps/v1', 'StatefulSet', changed(stateful, 'status', { readyReplicas: 1 })),
    'Progressing',
    /1 of 2/,
  ],
  'a StatefulSet of two revisions': [
    object('apps/v1', 'StatefulSet', changed(stateful, 'status', { updateRevision: 'b' })),
    'Progressing',
    /revision b/,
  ],
  'a StatefulSet with its partition done': [
    object(
      'apps/v1',
      'StatefulSet',
      changed(changed(stateful, 'spec', rolling), 'status', { updatedReplicas: 1, updateRevision: 'b' }),
    ),
    'Healthy',
    /partition/,
  ],
  'a StatefulSet with its partition open': [
    object(
      'apps/v1',
      'StatefulSet',
      changed(changed(stateful, 'spec', rolling), 'status', { updatedReplicas: 0 }),
    ),
    'Progressing',
    /partition/,
  ],
  'a StatefulSet updated on delete': [
    object(
      'apps/v1',
      'StatefulSet',
      changed(changed(stateful, 'spec', { updateStrategy: { type: 'OnDelete' } }), 'status', {
        updateRevision: 'b',
      }),
    ),
    'Healthy',
  ],

  'a DaemonSet on all nodes': [object('apps/v1', 'DaemonSet', daemon, generation), 'Healthy'],
  'a DaemonSet with a stale status': [
    object('apps/v1', 'DaemonSet', daemon, { generation: 2 }),
    'Progressing',
  ],
  'a DaemonSet with old pods': [
    object('apps/v1', 'DaemonSet', changed(daemon, 'status', { updatedNumberScheduled: 1 })),
    'Progressing',
    /updated/,
  ],
  'a DaemonSet with unavailable pods': [
    object('apps/v1', 'DaemonSet', changed(daemon, 'status', { numberAvailable: 1 })),
    'Progressing',
    /available/,
  ],
  'a DaemonSet updated on delete': [
    object('apps/v1', 'DaemonSet', {
      ...changed(daemon, 'status', { updatedNumberScheduled: 0 }),
      spec: { updateStrategy: { type: 'OnDelete' } },
    }),
    'Healthy',
  ],

  'a pending pod': [pod('Pending', 'Always', { message: 'soon' }), 'Progressing', /soon/],
  'a pod that ended well': [pod('Succeeded', 'Never'), 'Healthy'],
  'a failed pod with a message': [pod('Failed', 'Never', { message: 'evicted' }), 'Degraded', /evicted/],
  'a failed pod whose init container says why': [
    pod('Failed', 'Never', { initContainerStatuses: [{ state: { terminated: { message: 'no disk' } } }] }),
    'Degraded',
    /no disk/,
  ],
  'a failed pod out of memory': [
    pod('Failed', 'Never', {
      containerStatuses: [{ state: { terminated: { reason: 'OOMKilled', exitCode: 137 } } }],
    }),
    'Degraded',
    /OOMKilled/,
  ],
  'a failed pod with an exit code': [
    pod('Failed', 'Never', {
      containerStatuses: [
        { name: 'a', state: { terminated: { exitCode: 0 } } },
        { name: 'b', state: { terminated: { exitCode: 3 } } },
      ],
    }),
    'Degraded',
    /"b" failed with exit code 3/,
  ],
  'a failed pod without any reason': [pod('Failed', 'Never'), 'Degraded'],
  'a running pod that is ready': [pod('Running', 'Always', ready), 'Healthy'],
  'a running pod that is not ready': [pod('Running', 'Always'), 'Progressing'],
  'a running pod that crashed before': [pod('Running', 'Always', crashed), 'Degraded'],
  'a ready pod that crashed before': [pod('Running', 'Always', { ...ready, ...crashed }), 'Healthy'],
  'a running pod that ends by itself': [pod('Running', 'Never', ready), 'Progressing'],
  'a pod that ends by itself but is judged as long-running': [
    pod('Running', 'Never', ready, { 'argocd.argoproj.io/ignore-restart-policy': 'true' }),
    'Healthy',
  ],
  'a hook pod that asks to be judged as long-running': [
    pod('Running', 'Never', ready, {
      'argocd.argoproj.io/ignore-restart-policy': 'true',
      'argocd.argoproj.io/hook': 'Sync',
    }),
    'Progressing',
  ],
  'a pod that cannot pull its image': [
    pod('Pending', 'Always', waiting('ImagePullBackOff')),
    'Degraded',
    /cannot start/,
  ],
  'a pod with an Err reason': [pod('Pending', 'Always', waiting('ErrImagePull')), 'Degraded'],
  'a pod with an Error reason': [pod('Running', 'Always', waiting('CreateContainerConfigError')), 'Degraded'],
  'a finite pod that cannot pull its image': [
    pod('Pending', 'OnFailure', waiting('ImagePullBackOff')),
    'Progressing',
  ],
  'a pod in an unknown phase': [pod('Odd', 'Always'), 'Unknown'],
  'a running pod without a policy': [object('v1', 'Pod', { status: { phase: 'Running' } }), 'Unknown'],

  'a Job without conditions': [object('batch/v1', 'Job', { status: { active: 1 } }), 'Progressing'],
  'a complete Job': [
    object('batch/v1', 'Job', conditions({ type: 'Complete', status: 'True', message: 'done' })),
    'Healthy',
    /done/,
  ],
  'a failed Job': [
    object('batch/v1', 'Job', conditions({ type: 'Failed', status: 'True', message: 'limit' })),
    'Degraded',
    /limit/,
  ],
  'a failed Job that was suspended': [
    object(
      'batch/v1',
      'Job',
      conditions({ type: 'Suspended', status: 'True' }, { type: 'Failed', status: 'True' }),
    ),
    'Degraded',
  ],
  'a suspended Job': [
    object('batch/v1', 'Job', conditions({ type: 'Suspended', status: 'True' })),
    'Suspended',
  ],
  'a resumed Job': [object('batch/v1', 'Job', conditions({ type: 'Suspended', status: 'False' })), 'Healthy'],
  'a Job with only its success criteria met': [
    object('batch/v1', 'Job', conditions({ type: 'SuccessCriteriaMet', status: 'True' })),
    'Progressing',
  ],

  'a bound claim': [object('v1', 'PersistentVolumeClaim', { status: { phase: 'Bound' } }), 'Healthy'],
  'a pending claim': [object('v1', 'PersistentVolumeClaim', { status: { phase: 'Pending' } }), 'Progressing'],
  'a lost claim': [object('v1', 'PersistentVolumeClaim', { status: { phase: 'Lost' } }), 'Degraded'],
  'a claim without phase': [object('v1', 'PersistentVolumeClaim', {}), 'Unknown'],

  'a plain Service': [object('v1', 'Service', { spec: { type: 'ClusterIP' } }), 'Healthy'],
  'a load balancer without address': [
    object('v1', 'Service', { spec: { type: 'LoadBalancer' } }),
    'Progressing',
  ],
  'a load balancer with address': [
    object('v1', 'Service', {
      spec: { type: 'LoadBalancer' },
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
    }),
    'Healthy',
  ],
  'an Ingress without address': [
    object('networking.k8s.io/v1', 'Ingress', { status: { loadBalancer: { ingress: [] } } }),
    'Progressing',
  ],
  'an Ingress with address': [
    object('networking.k8s.io/v1', 'Ingress', { status: { loadBalancer: { ingress: [{}] } } }),
    'Healthy',
  ],
  'an available APIService': [
    object(
      'apiregistration.k8s.io/v1',
      'APIService',
      conditions({ type: 'Available', status: 'True', reason: 'Passed', message: 'ok' }),
    ),
    'Healthy',
    /Passed: ok/,
  ],
  'an unavailable APIService': [
    object('apiregistration.k8s.io/v1', 'APIService', conditions({ type: 'Available', status: 'False' })),
    'Progressing',
  ],
  'a new APIService': [object('apiregistration.k8s.io/v1', 'APIService', {}), 'Progressing'],

  'an autoscaler that scales': [
    object(
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      conditions({ type: 'AbleToScale', status: 'True', message: 'ready' }),
    ),
    'Healthy',
    /ready/,
  ],
  'an autoscaler without metrics': [
    object(
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      conditions(
        { type: 'AbleToScale', status: 'True' },
        { type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric', message: 'no metrics' },
      ),
    ),
    'Degraded',
    /no metrics/,
  ],
  'a new autoscaler': [object('autoscaling/v2', 'HorizontalPodAutoscaler', {}), 'Progressing'],
  'an autoscaler of version 1': [
    object(
      'autoscaling/v1',
      'HorizontalPodAutoscaler',
      {},
      {
        annotations: {
          'autoscaling.alpha.kubernetes.io/conditions': '[{"type":"ScalingLimited","status":"True"}]',
        },
      },
    ),
    'Healthy',
  ],
  'an autoscaler of version 1 without conditions': [
    object('autoscaling/v1', 'HorizontalPodAutoscaler', {}),
    'Progressing',
  ],
  'an autoscaler of version 1 with a broken annotation': [
    object(
      'autoscaling/v1',
      'HorizontalPodAutoscaler',
      {},
      { annotations: { 'autoscaling.alpha.kubernetes.io/conditions': '{' } },
    ),
    'Unknown',
  ],
  'an autoscaler of a removed version': [
    object('autoscaling/v2beta2', 'HorizontalPodAutoscaler', {}),
    'Unknown',
  ],
};

describe('core/health/assess', () => {
  it.each(Object.entries(table))('judges %s', (_name, [live, status, message]) => {
    const found = assessHealth(live);
    expect(found?.status).toBe(status);
    if (message !== undefined) expect(found?.message).toMatch(message);
  });

  it.each(['ConfigMap', 'Secret', 'Namespace'])('has no health for a %s', (kind) => {
    expect(assessHealth(object('v1', kind, {}))).toBeUndefined();
    expect(hasHealthRule('', kind)).toBe(false);
  });

  it('tells kinds of other groups apart', () => {
    expect(assessHealth(object('example.com/v1', 'Service', {}))).toBeUndefined();
    expect(hasHealthRule('apps', 'Deployment')).toBe(true);
  });

  it('takes an object that is being deleted for progressing, whatever its kind', () => {
    const deleting = { deletionTimestamp: '2026-01-01T00:00:00Z' };
    const pending = { status: 'Progressing', message: 'Pending deletion' };
    expect(assessHealth(object('v1', 'ConfigMap', {}, deleting))).toEqual(pending);
    const foreign = { ...deleting, finalizers: ['example.com/other'] };
    expect(assessHealth(object('batch/v1', 'Job', conditions({ type: 'Complete' }), foreign))).toEqual(
      pending,
    );
  });

  it.each(['keelson.dev/hook-result', 'argocd.argoproj.io/hook-finalizer'])(
    'still judges a deleted hook that %s holds',
    (finalizer) => {
      const held = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [finalizer] };
      expect(assessHealth(object('batch/v1', 'Job', conditions({ type: 'Complete' }), held))?.status).toBe(
        'Healthy',
      );
    },
  );
});
