import type { ResourceOverride } from '../settings.ts';

/** Which changes of a kind's objects cause no comparison where the settings say nothing of that very kind. */
type DefaultUpdateRule = Pick<ResourceOverride, 'group' | 'kind'> & {
  readonly jsonPointers: readonly string[];
};

function annotation(name: string): string {
  return `/metadata/annotations/${name.replaceAll('/', '~1')}`;
}

/** What the notifications of the reference remember. */
const notified = annotation('notified.notifications.argoproj.io');

/**
 * The rules that the reference's installation comes with, as pointers instead of jq, so that most objects need no jq.
 * Those of Application, ApplicationSet and AppProject are a rule of Keelson's own, which no setting switches off
 * (core/application/own-update.ts).
 */
export const defaultUpdateRules: readonly DefaultUpdateRule[] = [
  { group: '*', kind: '*', jsonPointers: ['/status'] },
  {
    group: '',
    kind: 'ConfigMap',
    // The state of the cluster autoscaler, and the elections of old that are held in a ConfigMap.
    jsonPointers: [
      annotation('cluster-autoscaler.kubernetes.io/last-updated'),
      annotation('control-plane.alpha.kubernetes.io/leader'),
    ],
  },
  { group: '', kind: 'Endpoints', jsonPointers: ['/metadata', '/subsets'] },
  {
    group: 'apps',
    kind: 'ReplicaSet',
    jsonPointers: [
      annotation('deployment.kubernetes.io/desired-replicas'),
      annotation('deployment.kubernetes.io/max-replicas'),
      annotation('rollout.argoproj.io/desired-replicas'),
    ],
  },
  { group: 'argoproj.io', kind: 'Rollout', jsonPointers: [notified] },
  {
    group: 'autoscaling',
    kind: 'HorizontalPodAutoscaler',
    jsonPointers: [
      annotation('autoscaling.alpha.kubernetes.io/behavior'),
      annotation('autoscaling.alpha.kubernetes.io/conditions'),
      annotation('autoscaling.alpha.kubernetes.io/metrics'),
      annotation('autoscaling.alpha.kubernetes.io/current-metrics'),
    ],
  },
  { group: 'discovery.k8s.io', kind: 'EndpointSlice', jsonPointers: ['/metadata', '/endpoints', '/ports'] },
];
