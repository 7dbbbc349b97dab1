import { formatDuration, readDuration } from '../duration.ts';
import { isFields } from '../object/check-manifest.ts';
import { groupOf, type Manifest } from '../object/manifest.ts';
import type { KnownTypeField } from '../settings/settings.ts';
import { canonicalQuantity } from './quantity.ts';

/** How a value of a type is written back by the API server; the same value where nothing changes. */
type Rewrite = (value: unknown) => unknown;

/** Rewrites some fields of an object. */
function fields(shape: Readonly<Record<string, Rewrite>>): Rewrite {
  return (value) => {
    if (!isFields(value)) return value;
    const changed: Record<string, unknown> = {};
    for (const [name, rewrite] of Object.entries(shape)) {
      if (value[name] === undefined) continue;
      const next = rewrite(value[name]);
      if (next !== value[name]) changed[name] = next;
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
const resourceList = mapOf(quantity);
const resources = fields({ limits: resourceList, requests: resourceList });
const divided = fields({ resourceFieldRef: fields({ divisor: quantity }) });
const container = fields({ resources, env: listOf(fields({ valueFrom: divided })) });
const claimSpec = fields({ resources });
const volume = fields({
  emptyDir: fields({ sizeLimit: quantity }),
  downwardAPI: fields({ items: listOf(divided) }),
  projected: fields({ sources: listOf(fields({ downwardAPI: fields({ items: listOf(divided) }) })) }),
  ephemeral: fields({ volumeClaimTemplate: fields({ spec: claimSpec }) }),
});
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
  volumeClaimTemplates: listOf(fields({ spec: claimSpec })),
});
const limit = fields({
  max: resourceList,
  min: resourceList,
  default: resourceList,
  defaultRequest: resourceList,
  maxLimitRequestRatio: resourceList,
});
const metricTarget = fields({ value: quantity, averageValue: quantity });
const metricSource = fields({ target: metricTarget });

/** Fields that hold quantities, by kind; the other built-in kinds have none. */
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
  '/PersistentVolumeClaim': fields({ spec: claimSpec }),
  '/PersistentVolume': fields({ spec: fields({ capacity: resourceList }) }),
  '/ResourceQuota': fields({ spec: fields({ hard: resourceList }) }),
  '/LimitRange': fields({ spec: fields({ limits: listOf(limit) }) }),
  'autoscaling/HorizontalPodAutoscaler': fields({
    spec: fields({
      metrics: listOf(
        fields({ resource: metricSource, pods: metricSource, object: metricSource, external: metricSource }),
      ),
    }),
  }),
};

/** Types that a custom resource's field may be said to have, by their names in `knownTypeFields`. */
const knownTypes: Readonly<Record<string, Rewrite>> = {
  'core/Quantity': quantity,
  'core/v1/Quantity': quantity,
  'meta/v1/Duration': duration,
  'core/v1/Container': container,
  'core/v1/PersistentVolumeClaimSpec': claimSpec,
  'core/v1/PodSpec': podSpec,
  'core/v1/PodTemplate': fields({ template: podTemplate }),
  'core/v1/PodTemplateSpec': podTemplate,
  'core/v1/ResourceList': resourceList,
  'core/v1/ResourceRequirements': resources,
  'core/v1/Volume': volume,
};

/** Custom resources whose fields are known without anybody saying so. */
const builtInFields: Readonly<Record<string, readonly KnownTypeField[]>> = {
  'argoproj.io/Rollout': [{ field: 'spec.template.spec', type: 'core/v1/PodSpec' }],
};

/** A manifest with the quantities and durations of its kind written as the API server would write them. */
export function canonicalValues(manifest: Manifest, known: readonly KnownTypeField[] = []): Manifest {
  const kind = `${groupOf(manifest.apiVersion)}/${manifest.kind}`;
  const rewrites = [...(builtInFields[kind] ?? []), ...known].flatMap(({ field, type }) => {
    const rewrite = knownTypes[type];
    return rewrite === undefined ? [] : nested(field.split('.'), rewrite);
  });
  const own = kinds[kind];
  let { apiVersion: _, ...content }: Fields = manifest;
  for (const rewrite of own === undefined ? rewrites : [own, ...rewrites]) {
    const next = rewrite(content);
    if (isFields(next)) content = next;
  }
  return { ...manifest, ...content };
}

type Fields = Readonly<Record<string, unknown>>;

/** Rewrites what stands at a path of fields; a list on the way means each of its elements. */
function nested(path: readonly string[], rewrite: Rewrite): Rewrite {
  const [name, ...rest] = path;
  if (name === undefined) return rewrite;
  const inside = fields({ [name]: nested(rest, rewrite) });
  return (value) => (Array.isArray(value) ? listOf(inside)(value) : inside(value));
}
