import { conditionOf, listAt, numberAt, textAt, valueAt } from '../../../object/json/field.ts';
import {
  condition,
  falseFails,
  falseWaits,
  type HealthCheck,
  standard,
  suspendedBy,
  when,
  word,
} from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

/** A step that waits for a person; one with a duration, which 0 is not, goes on by itself. */
const atPausedStep: HealthCheck = (live) => {
  const strategy = valueAt(live, 'status', 'blueGreenStatus') === undefined ? 'canary' : 'blueGreen';
  const status = valueAt(live, 'status', `${strategy}Status`);
  if (textAt(status, 'currentStepState') !== 'StepPaused') return undefined;
  const index = numberAt(status, 'currentStepIndex') ?? 1;
  const step = listAt(live, 'spec', 'strategy', strategy, 'steps')[index - 1];
  return (numberAt(step, 'pause', 'duration') ?? 0) === 0
    ? health('Suspended', `step ${index} waits to be approved`)
    : health('Progressing', `step ${index} pauses for a while`);
};

const readySpins: HealthCheck = (live) => {
  const ready = numberAt(live, 'status', 'readyReplicas');
  const wanted = numberAt(live, 'spec', 'replicas');
  if (ready === undefined || wanted === undefined || ready >= wanted) return undefined;
  return health('Progressing', `${ready} of ${wanted} replicas are ready`);
};

/** That a function could be deployed says nothing of its pods, which have a condition of their own. */
const servingPods: HealthCheck = (live) => {
  const says = (type: string) => textAt(conditionOf(live, type), 'status');
  if (says('Ready') !== 'True' || says('Healthy') !== 'False') return undefined;
  // Scaled to zero it has no pod either, and is at rest: the first call starts one.
  const replicas = numberAt(live, 'status', 'replicas');
  const mayRest = textAt(live, 'spec', 'labels', 'com.openfaas.scale.zero') === 'true';
  const atRest = replicas === 0 || (replicas === undefined && mayRest);
  return atRest ? undefined : health('Progressing', 'none of its pods is ready yet');
};

/** What is rolled out in steps or on demand: Flagger, Kruise Rollout, Spot, Spin, OpenFaaS, Pulumi, Ansible. */
export const progressive: readonly KindRule[] = [
  {
    group: 'flagger.app',
    kinds: ['Canary'],
    restsOn: '`spec.suspend`, `status.phase`, condition `Promoted`',
    fromSpec: [suspendedBy('spec', 'suspend')],
    checks: [
      word(['status', 'phase'], {
        Initialized: 'Healthy',
        Succeeded: 'Healthy',
        Failed: 'Degraded',
        // A gate holds it until somebody opens it.
        Waiting: 'Suspended',
        WaitingPromotion: 'Suspended',
      }),
    ],
  },
  {
    group: 'rollouts.kruise.io',
    kinds: ['Rollout'],
    restsOn:
      '`spec.disabled`, `status.observedGeneration`, `status.canaryStatus.currentStepState`, `status.blueGreenStatus.currentStepState`, `status.phase`',
    fromSpec: [suspendedBy('spec', 'disabled')],
    checks: [
      when(
        (live) => textAt(live, 'status', 'phase') === 'Disabled',
        'Suspended',
        'status.phase is "Disabled"',
      ),
      (live) => (textAt(live, 'status', 'phase') === 'Progressing' ? atPausedStep(live) : undefined),
      word(['status', 'phase'], { Healthy: 'Healthy' }),
    ],
  },
  {
    // Nothing of its status is published. Ocean CD runs Argo Rollouts, whose words it is read by.
    group: 'spot.io',
    kinds: ['SpotDeployment'],
    restsOn: 'conditions `InvalidSpec`, `Progressing` with its reason, `Paused`; `status.phase`',
    checks: [
      condition('InvalidSpec', { True: 'Degraded' }),
      condition('Progressing', {
        reasons: { RolloutAborted: 'Degraded', ProgressDeadlineExceeded: 'Degraded' },
      }),
      condition('Paused', { True: 'Suspended' }),
      word(['status', 'phase'], { Healthy: 'Healthy', Degraded: 'Degraded', Paused: 'Suspended' }),
    ],
  },
  {
    group: 'core.spinkube.dev',
    kinds: ['SpinApp'],
    restsOn: 'conditions `Progressing` with its reason, `Available`; `status.readyReplicas`',
    checks: [
      // Copied from its Deployment: only these reasons say that it will not get on.
      condition('Progressing', {
        reasons: { ProgressDeadlineExceeded: 'Degraded', ReplicaSetCreateError: 'Degraded' },
      }),
      readySpins,
      condition('Available', falseWaits),
    ],
  },
  {
    group: 'openfaas.com',
    kinds: ['Function'],
    restsOn:
      'conditions `Stalled`, `Reconciling`, `Ready` with their generation, `Healthy`; `status.replicas` and label `com.openfaas.scale.zero` (scaled to zero is at rest)',
    checks: [
      condition('Stalled', { True: 'Degraded' }),
      condition('Reconciling', { True: 'Progressing' }),
      servingPods,
      condition('Ready', falseFails),
    ],
  },
  {
    group: 'pulumi.com',
    kinds: ['Stack'],
    restsOn: '`status.observedGeneration`, conditions `Stalled`, `Reconciling` with its reason, `Ready`',
    checks: [
      // It has failed and is tried again: what is tried is no news.
      condition('Reconciling', { reasons: { RetryingAfterFailure: 'Degraded' } }),
      ...standard('Ready', falseWaits),
    ],
    earlier: {
      before: '1.8',
      restsOn: '`status.lastUpdate.state`',
      checks: [word(['status', 'lastUpdate', 'state'], { succeeded: 'Healthy', failed: 'Degraded' })],
    },
  },
  {
    group: 'tower.ansible.com',
    kinds: ['AnsibleJob'],
    restsOn: '`status.ansibleJobResult.status`; condition `Failure`',
    checks: [
      word(['status', 'ansibleJobResult', 'status'], {
        successful: 'Healthy',
        failed: 'Degraded',
        error: 'Degraded',
        canceled: 'Degraded',
      }),
      // The operator itself could not start the job.
      (live) =>
        textAt(conditionOf(live, 'Failure'), 'status') === 'True'
          ? condition('Failure', { True: 'Degraded' })(live)
          : undefined,
    ],
  },
];
