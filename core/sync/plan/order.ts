import type { ResourceKey } from '../../object/key.ts';
import { planPhases, type SyncPhase } from './plan.ts';

/** Kinds in the order in which a wave writes them: what others need comes first; unlisted kinds come last. */
const kindOrder = [
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleList',
  'ClusterRoleBinding',
  'ClusterRoleBindingList',
  'Role',
  'RoleList',
  'RoleBinding',
  'RoleBindingList',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
];

const ranks: ReadonlyMap<string, number> = new Map(kindOrder.map((kind, rank) => [kind, rank]));

/** Rank of a kind inside a wave; the group does not matter, and all unlisted kinds share the last rank. */
export function kindRank(kind: string): number {
  return ranks.get(kind) ?? kindOrder.length;
}

/** What decides the place of a step in a plan. */
export type Ordered = { readonly phase: SyncPhase; readonly wave: number; readonly key: ResourceKey };

/** Compares by phase, wave, kind rank and name; the namespace decides between equals, so plans are repeatable. */
export function compareSteps(a: Ordered, b: Ordered): number {
  return (
    planPhases.indexOf(a.phase) - planPhases.indexOf(b.phase) ||
    a.wave - b.wave ||
    kindRank(a.key.kind) - kindRank(b.key.kind) ||
    compareText(a.key.name, b.key.name) ||
    compareText(a.key.namespace, b.key.namespace) ||
    compareText(a.key.kind, b.key.kind) ||
    compareText(a.key.group, b.key.group)
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
