import { numberAt, textAt, valueAt } from '../../../object/json/field.ts';
import type { Manifest } from '../../../object/manifest/manifest.ts';
import { condition, generationIn, type HealthCheck, isOlder, unobserved, word } from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

const workloadGeneration = 'rollout.argoproj.io/workload-generation';

/**
 * Rollouts write generations as text; before 1.0 it was a hash, which says nothing of its age, though it may have only
 * digits. A rollout that takes its pods from a Deployment is also of that one's generation.
 */
const observes: HealthCheck = (live) => {
  const wanted = generationIn(live.metadata.annotations?.[workloadGeneration]);
  const seen = generationIn(valueAt(live, 'status', 'workloadObservedGeneration')) ?? 0;
  const ofWorkload = valueAt(live, 'spec', 'workloadRef') !== undefined && wanted !== undefined;
  const stale =
    isOlder(live, generationIn(valueAt(live, 'status', 'observedGeneration'))) ||
    (ofWorkload && seen < wanted);
  return stale ? health('Progressing', unobserved) : undefined;
};

/** Releases before 1.0 wrote no phase: what they wrote says the same by conditions, replicas and hashes. */
const beforePhases: HealthCheck = (live) => {
  const hash = textAt(live, 'status', 'currentPodHash');
  if (hash === '') return undefined;
  if (valueAt(live, 'status', 'pauseStartTime') ?? valueAt(live, 'spec', 'paused') === true) {
    return health('Suspended', 'the rollout is paused');
  }
  const count = (name: string) => numberAt(live, 'status', name) ?? 0;
  const wanted = numberAt(live, 'spec', 'replicas') ?? 1;
  const updated = count('updatedReplicas');
  if (updated < wanted) return health('Progressing', `${updated} of ${wanted} replicas are updated`);
  if (count('availableReplicas') < updated) {
    return health(
      'Progressing',
      `${count('availableReplicas')} of ${updated} updated replicas are available`,
    );
  }
  return servesNewest(live, hash) ? health('Healthy') : health('Progressing', 'steps are left');
};

function servesNewest(live: Manifest, hash: string): boolean {
  const stable = textAt(live, 'status', 'stableRS') || textAt(live, 'status', 'canary', 'stableRS');
  if (valueAt(live, 'spec', 'strategy', 'blueGreen') !== undefined) {
    return textAt(live, 'status', 'blueGreen', 'activeSelector') === hash && ['', hash].includes(stable);
  }
  const old =
    (numberAt(live, 'status', 'replicas') ?? 0) - (numberAt(live, 'status', 'updatedReplicas') ?? 0);
  return stable === hash && old <= 0;
}

/** Argo Rollouts. */
export const rollouts: readonly KindRule[] = [
  {
    group: 'argoproj.io',
    kinds: ['Rollout'],
    restsOn:
      '`status.observedGeneration`, annotation `rollout.argoproj.io/workload-generation`, condition `InvalidSpec`, `status.phase`, `status.message`',
    observes,
    checks: [
      condition('InvalidSpec', { True: 'Degraded' }),
      word(['status', 'phase'], {
        Healthy: 'Healthy',
        Paused: 'Suspended',
        Progressing: 'Progressing',
        Degraded: 'Degraded',
      }),
    ],
    earlier: {
      before: '1.0',
      restsOn: 'condition `Progressing`, replicas and hashes',
      checks: [
        condition('Progressing', {
          reasons: {
            ProgressDeadlineExceeded: 'Degraded',
            RolloutAborted: 'Degraded',
            RolloutPaused: 'Suspended',
          },
        }),
        beforePhases,
      ],
    },
  },
];
