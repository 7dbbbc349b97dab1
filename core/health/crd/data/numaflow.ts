import { listAt, textAt } from '../../../object/json/field.ts';
import { condition, falseFails, type HealthCheck, readCondition, when, word } from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

/** Reasons for which a part is not healthy yet. */
const onTheWay = {
  Progressing: 'Progressing',
  ISBSvcPending: 'Progressing',
  Pending: 'Progressing',
  // The pipeline is made anew.
  PipelineDeleting: 'Progressing',
} as const;

/** Each part reports by a condition of its own; the first that is false counts. */
const parts: HealthCheck = (live) =>
  listAt(live, 'status', 'conditions')
    .map((found) => readCondition(live, found, { False: 'Degraded', reasons: onTheWay }))
    .find((answer) => answer !== undefined);

/** Numaplane marks what it tried beside the running one, and gave up. */
const triedInVain = when(
  (live) => live.metadata.labels?.['numaplane.numaproj.io/progressive-result-state'] === 'failed',
  'Degraded',
  'the progressive upgrade has failed',
);

const failedPhase = when(
  (live) => textAt(live, 'status', 'phase') === 'Failed',
  'Degraded',
  (live) => textAt(live, 'status', 'message') || 'status.phase is "Failed"',
);

const running: KindRule['checks'] = [
  failedPhase,
  triedInVain,
  parts,
  // Paused as its spec asks: nothing is under way, and nothing would end it.
  word(['status', 'phase'], { Running: 'Healthy', Paused: 'Healthy', Succeeded: 'Healthy' }),
];

const children: KindRule['checks'] = [
  condition('ProgressiveUpgradeSucceeded', { False: 'Degraded' }),
  when(
    (live) => textAt(live, 'status', 'upgradeInProgress') !== '',
    'Progressing',
    'an upgrade is in progress',
  ),
  when((live) => textAt(live, 'status', 'phase') === 'Pending', 'Progressing', 'status.phase is "Pending"'),
  failedPhase,
  condition('PipelinePausingOrPaused', { True: 'Healthy' }),
  condition('MonoVertexPausingOrPaused', { True: 'Healthy' }),
  condition('ChildResourcesHealthy', { ...falseFails, reasons: onTheWay }),
];

/** Numaflow's pipelines, and Numaplane, which rolls them out. */
export const numaflow: readonly KindRule[] = [
  {
    group: 'numaflow.numaproj.io',
    kinds: ['Pipeline', 'MonoVertex', 'Vertex', 'InterStepBufferService'],
    restsOn:
      'label `numaplane.numaproj.io/progressive-result-state`, `status.observedGeneration`, all conditions with their reason, `status.phase`, `status.message`',
    checks: running,
  },
  {
    group: 'numaplane.numaproj.io',
    kinds: ['PipelineRollout', 'MonoVertexRollout', 'ISBServiceRollout', 'NumaflowControllerRollout'],
    restsOn:
      '`status.observedGeneration`, `status.upgradeInProgress`, `status.phase`, conditions `ProgressiveUpgradeSucceeded`, `PipelinePausingOrPaused`, `MonoVertexPausingOrPaused`, `ChildResourcesHealthy` with its reason',
    checks: children,
  },
];
