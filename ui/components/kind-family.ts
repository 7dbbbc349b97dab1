/** Families of kinds, told apart by colour. */
type KindFamily = 'work' | 'network' | 'config' | 'storage' | 'access' | 'other';

const marks: Readonly<Record<string, readonly [string, KindFamily]>> = {
  Application: ['app', 'other'],
  ClusterRole: ['c.role', 'access'],
  ClusterRoleBinding: ['crb', 'access'],
  ConfigMap: ['cm', 'config'],
  CronJob: ['cron', 'work'],
  CustomResourceDefinition: ['crd', 'other'],
  DaemonSet: ['ds', 'work'],
  Deployment: ['deploy', 'work'],
  Endpoints: ['ep', 'network'],
  EndpointSlice: ['eps', 'network'],
  HorizontalPodAutoscaler: ['hpa', 'work'],
  Ingress: ['ing', 'network'],
  Job: ['job', 'work'],
  Namespace: ['ns', 'other'],
  NetworkPolicy: ['netpol', 'network'],
  PersistentVolume: ['pv', 'storage'],
  PersistentVolumeClaim: ['pvc', 'storage'],
  Pod: ['pod', 'work'],
  PodDisruptionBudget: ['pdb', 'work'],
  ReplicaSet: ['rs', 'work'],
  Role: ['role', 'access'],
  RoleBinding: ['rb', 'access'],
  Secret: ['secret', 'config'],
  Service: ['svc', 'network'],
  ServiceAccount: ['sa', 'access'],
  StatefulSet: ['sts', 'work'],
  StorageClass: ['sc', 'storage'],
};

/** The short name kubectl users know, or the capitals of a kind that has none. */
export function kindMarkOf(kind: string): { readonly text: string; readonly family: KindFamily } {
  const known = marks[kind];
  if (known !== undefined) return { text: known[0], family: known[1] };
  const capitals = kind.replaceAll(/[^A-Z]/g, '').toLowerCase();
  return {
    text: capitals.length > 1 ? capitals.slice(0, 5) : kind.slice(0, 4).toLowerCase(),
    family: 'other',
  };
}
