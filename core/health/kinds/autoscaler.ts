import { listAt, textAt } from '../../object/json/field.ts';
import { parseJson } from '../../object/json/json.ts';
import { groupOf, type Manifest, versionOf } from '../../object/manifest/manifest.ts';
import { ownField } from '../../own-field.ts';
import { observed } from '../check.ts';
import { health, type ObjectHealth } from '../health.ts';

/** Reasons, by type of condition, for which an autoscaler cannot do its work. */
const failures: Readonly<Record<string, readonly string[]>> = {
  AbleToScale: ['FailedGetScale', 'FailedUpdateScale'],
  ScalingActive: [
    'FailedGetResourceMetric',
    'FailedGetObjectMetric',
    'FailedGetPodsMetric',
    'FailedGetExternalMetric',
    'FailedComputeMetricsReplicas',
    'InvalidSelector',
  ],
};

const conditionsAnnotation = 'autoscaling.alpha.kubernetes.io/conditions';

/** An autoscaler is degraded when it cannot read or scale, healthy when it can, else on its way. */
export function assessHorizontalPodAutoscaler(live: Manifest): ObjectHealth {
  const stale = observed(live);
  if (stale !== undefined) return stale;
  const conditions = conditionsOf(live);
  if (conditions === undefined) return health('Unknown', 'the conditions annotation is not valid JSON');
  const failed = conditions.find((condition) =>
    ownField(failures, textAt(condition, 'type'))?.includes(textAt(condition, 'reason')),
  );
  if (failed !== undefined) return health('Degraded', textAt(failed, 'message'));
  const able = conditions.find(
    (condition) =>
      ['AbleToScale', 'ScalingLimited'].includes(textAt(condition, 'type')) &&
      textAt(condition, 'status') === 'True',
  );
  if (able !== undefined) return health('Healthy', textAt(able, 'message'));
  return health('Progressing', 'waiting to autoscale');
}

/** Version 1 of the API has no conditions in its status and carries them in an annotation. */
function conditionsOf(live: Manifest): readonly unknown[] | undefined {
  if (groupOf(live.apiVersion) !== 'autoscaling' || versionOf(live.apiVersion) !== 'v1') {
    return listAt(live, 'status', 'conditions');
  }
  const text = live.metadata.annotations?.[conditionsAnnotation];
  if (text === undefined) return [];
  try {
    const conditions: unknown = parseJson(text);
    return Array.isArray(conditions) ? conditions : undefined;
  } catch {
    // Safe: anybody can write this annotation, and the caller reports it as unreadable.
    return undefined;
  }
}
