import { takesStrategicMerge } from '../../apply/merge-keys.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import { groupOf, type Manifest } from '../../object/manifest/manifest.ts';

/** Whether a plain value is one that Go's JSON leaves out of an optional field: an empty text, a zero, a false. */
export function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}

/** Whether the API server reads a kind into types of its own, whose optional fields have no zeros and no empty lists. */
export function isTyped({ apiVersion }: Pick<Manifest, 'apiVersion'>): boolean {
  const group = groupOf(apiVersion);
  // Schemas in definitions are JSON of any form.
  return takesStrategicMerge(group) && group !== 'apiextensions.k8s.io';
}

const container = ['stdin', 'stdinOnce', 'terminationMessagePath', 'tty', 'workingDir'];
const probe = [
  'failureThreshold',
  'initialDelaySeconds',
  'periodSeconds',
  'successThreshold',
  'timeoutSeconds',
];
const podSpec = [
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'hostname',
  'nodeName',
  'priorityClassName',
  'schedulerName',
  'serviceAccountName',
  'subdomain',
];
const serviceSpec = ['externalName', 'healthCheckNodePort', 'loadBalancerIP', 'publishNotReadyAddresses'];

/**
 * Fields of built-in types that are dropped where they have the zero value, by the field that holds them. Where none and
 * zero differ, the API's type is a pointer (`replicas`, `runAsUser`), and the field doesn't stand here.
 */
const optional: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    containers: container,
    emptyDir: ['medium'],
    env: ['value'],
    envFrom: ['prefix'],
    ephemeralContainers: container,
    initContainers: container,
    livenessProbe: probe,
    persistentVolumeClaim: ['readOnly'],
    ports: ['hostIP', 'hostPort', 'name', 'nodePort'],
    readinessProbe: probe,
    resourceFieldRef: ['containerName'],
    spec: ['minReadySeconds', 'paused', 'volumeName', ...podSpec, ...serviceSpec],
    startupProbe: probe,
    tolerations: ['effect', 'key', 'operator', 'value'],
    volumeMounts: ['readOnly', 'subPath', 'subPathExpr'],
  }).map(([holder, names]) => [holder, new Set(names)]),
);

/** A manifest without the zeros that the API server drops, as far as they are known. */
export function withoutDroppedZeros(manifest: Manifest): Manifest {
  if (!isTyped(manifest)) return manifest;
  const { apiVersion, kind, metadata, ...content } = manifest;
  return { apiVersion, kind, metadata, ...withoutZeros('', content) };
}

function withoutZeros<T>(holder: string, value: T): T;
function withoutZeros(holder: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((element) => withoutZeros(holder, element));
  if (!isFields(value)) return value;
  const dropped = optional.get(holder);
  const kept = Object.entries(value).filter(([name, child]) => !(isZero(child) && dropped?.has(name)));
  return Object.fromEntries(kept.map(([name, child]) => [name, withoutZeros(name, child)]));
}
