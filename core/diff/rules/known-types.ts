import { isFields } from '../../object/manifest/check-manifest.ts';
import { groupOf, type Manifest } from '../../object/manifest/manifest.ts';
import { ownField, setField } from '../../own-field.ts';
import type { KnownTypeField } from '../../settings/settings.ts';
import { formatDuration, readDuration } from '../../text/duration.ts';
import { canonicalQuantity } from './quantity.ts';

/** How a value of a type is written back by the API server; the same value where nothing changes. */
type Rewrite = (value: unknown) => unknown;

/** Rewrites some fields of an object. */
function fields(shape: Readonly<Record<string, Rewrite>>): Rewrite {
  return (value) => {
    if (!isFields(value)) return value;
    const changed: Record<string, unknown> = {};
    for (const [name, rewrite] of Object.entries(shape)) {
      if (ownField(value, name) === undefined) continue;
      const next = rewrite(ownField(value, name));
      if (next !== ownField(value, name)) setField(changed, name, next);
    }
    return Object.keys(changed).length === 0 ? value : { ...value, ...changed };
  };
}

/** Rewrites each element of a list. */
function listOf(rewrite: Rewrite): Rewrite {
  return (value) => {
    if (!Array.isArray(value)) return value;
    const next = value.map(rewrite);
    return next.some((element, place) => element !== value[place]) ? next : value;
  };
}

/** Rewrites each value of a map. */
function mapOf(rewrite: Rewrite): Rewrite {
  return (value) =>
    isFields(value)
      ? fields(Object.fromEntries(Object.keys(value).map((key) => [key, rewrite])))(value)
      : value;
}

const quantity: Rewrite = canonicalQuantity;
const duration: Rewrite = (value) => {
  const seconds = typeof value === 'string' && /[a-z]$/.test(value) ? readDuration(value) : undefined;
  return seconds === undefined || !Number.isInteger(seconds * 1000) ? value : formatDuration(seconds);
};
/** Bytes, which are read from base64 of any line length and written back in one line. */
const bytes: Rewrite = (value) =>
  typeof value === 'string' && /[\r\n]/.test(value) ? value.replaceAll(/[\r\n]/g, '') : value;
const resourceList = mapOf(quantity);
const resources = fields({ limits: resourceList, requests: resourceList });
const fieldSelector = fields({ divisor: quantity });
const divided = fields({ resourceFieldRef: fieldSelector });
const environmentVariable = fields({ valueFrom: divided });
const container = fields({ resources, env: listOf(environmentVariable) });
const claimSpec = fields({ resources });
const claim = fields({ spec: claimSpec });
const emptyDir = fields({ sizeLimit: quantity });
const downwardFiles = fields({ items: listOf(divided) });
const projection = fields({ downwardAPI: downwardFiles });
const projected = fields({ sources: listOf(projection) });
const ephemeral = fields({ volumeClaimTemplate: claim });
const volume = fields({ emptyDir, downwardAPI: downwardFiles, projected, ephemeral });
const podSpec = fields({
  containers: listOf(container),
  initContainers: listOf(container),
  ephemeralContainers: listOf(container),
  volumes: listOf(volume),
  overhead: resourceList,
  resources,
});
const podTemplate = fields({ spec: podSpec });
const workloadSpec = fields({
  template: podTemplate,
  volumeClaimTemplates: listOf(claim),
});
const limit = fields({
  max: resourceList,
  min: resourceList,
  default: resourceList,
  defaultRequest: resourceList,
  maxLimitRequestRatio: resourceList,
});
const limits = fields({ limits: listOf(limit) });
const quota = fields({ hard: resourceList });
const capacity = fields({ capacity: resourceList });
const metricTarget = fields({ value: quantity, averageValue: quantity });
const metricSource = fields({ target: metricTarget });
const clientConfig = fields({ caBundle: bytes });
const webhooks = fields({ webhooks: listOf(fields({ clientConfig })) });

/** Fields that hold quantities or bytes, by kind; those of the other built-in kinds are written as they are given. */
const kinds: Readonly<Record<string, Rewrite>> = {
  '/Pod': fields({ spec: podSpec }),
  '/PodTemplate': fields({ template: podTemplate }),
  '/ReplicationController': fields({ spec: workloadSpec }),
  'apps/Deployment': fields({ spec: workloadSpec }),
  'apps/DaemonSet': fields({ spec: workloadSpec }),
  'apps/ReplicaSet': fields({ spec: workloadSpec }),
  'apps/StatefulSet': fields({ spec: workloadSpec }),
  'batch/Job': fields({ spec: workloadSpec }),
  'batch/CronJob': fields({ spec: fields({ jobTemplate: fields({ spec: workloadSpec }) }) }),
  '/Secret': fields({ data: mapOf(bytes) }),
  '/ConfigMap': fields({ binaryData: mapOf(bytes) }),
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': webhooks,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': webhooks,
  'apiregistration.k8s.io/APIService': fields({ spec: clientConfig }),
  'apiextensions.k8s.io/CustomResourceDefinition': fields({
    spec: fields({ conversion: fields({ webhook: fields({ clientConfig }) }) }),
  }),
  '/PersistentVolumeClaim': claim,
  '/PersistentVolume': fields({ spec: capacity }),
  '/ResourceQuota': fields({ spec: quota }),
  '/LimitRange': fields({ spec: limits }),
  'autoscaling/HorizontalPodAutoscaler': fields({
    spec: fields({
      metrics: listOf(
        fields({ resource: metricSource, pods: metricSource, object: metricSource, external: metricSource }),
      ),
    }),
  }),
};

/**
 * Types that a custom resource's field may be said to have, by their names in `knownTypeFields`: those of core/v1 that
 * hold a quantity at any depth. The others may be named as well; the API server writes them as they are.
 */
const knownTypes: Readonly<Record<string, Rewrite>> = {
  'core/Quantity': quantity,
  'core/v1/Quantity': quantity,
  'meta/v1/Duration': duration,
  'core/v1/Container': container,
  'core/v1/DownwardAPIProjection': downwardFiles,
  'core/v1/DownwardAPIVolumeFile': divided,
  'core/v1/DownwardAPIVolumeSource': downwardFiles,
  'core/v1/EmptyDirVolumeSource': emptyDir,
  'core/v1/EnvVar': environmentVariable,
  'core/v1/EnvVarSource': divided,
  'core/v1/EphemeralContainer': container,
  'core/v1/EphemeralContainerCommon': container,
  'core/v1/EphemeralVolumeSource': ephemeral,
  'core/v1/LimitRange': fields({ spec: limits }),
  'core/v1/LimitRangeItem': limit,
  'core/v1/LimitRangeSpec': limits,
  'core/v1/PersistentVolume': fields({ spec: capacity }),
  'core/v1/PersistentVolumeClaim': claim,
  'core/v1/PersistentVolumeClaimSpec': claimSpec,
  'core/v1/PersistentVolumeClaimTemplate': claim,
  'core/v1/PersistentVolumeSpec': capacity,
  'core/v1/Pod': podTemplate,
  'core/v1/PodSpec': podSpec,
  'core/v1/PodTemplate': fields({ template: podTemplate }),
  'core/v1/PodTemplateSpec': podTemplate,
  'core/v1/ProjectedVolumeSource': projected,
  'core/v1/ReplicationController': fields({ spec: workloadSpec }),
  'core/v1/ReplicationControllerSpec': workloadSpec,
  'core/v1/ResourceFieldSelector': fieldSelector,
  'core/v1/ResourceList': resourceList,
  'core/v1/ResourceQuota': fields({ spec: quota }),
  'core/v1/ResourceQuotaSpec': quota,
  'core/v1/ResourceRequirements': resources,
  'core/v1/Volume': volume,
  'core/v1/VolumeProjection': projection,
  'core/v1/VolumeResourceRequirements': resources,
  'core/v1/VolumeSource': volume,
};

/** Custom resources whose fields are known without anybody saying so. */
const builtInFields: Readonly<Record<string, readonly KnownTypeField[]>> = {
  'argoproj.io/Rollout': [{ field: 'spec.template.spec', type: 'core/v1/PodSpec' }],
};

/** A manifest with the quantities, durations and bytes of its kind written as the API server would write them. */
export function canonicalValues(manifest: Manifest, known: readonly KnownTypeField[] = []): Manifest {
  const kind = `${groupOf(manifest.apiVersion)}/${manifest.kind}`;
  const rewrites = [...(ownField(builtInFields, kind) ?? []), ...known].flatMap(({ field, type }) => {
    const rewrite = ownField(knownTypes, type);
    return rewrite === undefined ? [] : nested(field.split('.'), rewrite);
  });
  const own = ownField(kinds, kind);
  let { apiVersion: _, ...content }: Fields = manifest;
  for (const rewrite of own === undefined ? rewrites : [own, ...rewrites]) {
    const next = rewrite(content);
    if (isFields(next)) content = next;
  }
  return { ...manifest, ...content };
}

type Fields = Readonly<Record<string, unknown>>;

/** Rewrites what stands at a path of fields; a list on the way or at its end means each of its elements. */
function nested(path: readonly string[], rewrite: Rewrite): Rewrite {
  const [name, ...rest] = path;
  if (name === undefined) return eachOf(rewrite);
  const inside = fields({ [name]: nested(rest, rewrite) });
  return eachOf(inside);
}

function eachOf(rewrite: Rewrite): Rewrite {
  const each = listOf(rewrite);
  return (value) => (Array.isArray(value) ? each(value) : rewrite(value));
}
