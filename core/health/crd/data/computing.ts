import { numberAt, textAt, valueAt } from '../../../object/json/field.ts';
import { condition, falseWaits, type HealthCheck, idleBy, when, word } from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

const training: KindRule['checks'] = [
  condition('Failed', { True: 'Degraded' }),
  condition('Succeeded', { True: 'Healthy' }),
  condition('Suspended', { True: 'Suspended' }),
];

const volcanoPhases = {
  Completed: 'Healthy',
  Aborted: 'Suspended',
  Failed: 'Degraded',
  Terminated: 'Degraded',
} as const;

const flinkStates = {
  STABLE: 'Healthy',
  DEPLOYED: 'Progressing',
  // As its spec asks: nothing is under way, and nothing would end it.
  SUSPENDED: 'Healthy',
  ROLLED_BACK: 'Degraded',
  FAILED: 'Degraded',
} as const;

/** Releases before 1.2 wrote no state of the whole, but what was deployed and whether that went well. */
const flinkBeforeStates: HealthCheck = (live) => {
  const manager = textAt(live, 'status', 'jobManagerDeploymentStatus');
  const reconciled = valueAt(live, 'status', 'reconciliationStatus', 'success');
  const error = textAt(live, 'status', 'reconciliationStatus', 'error') || textAt(live, 'status', 'error');
  if (manager === 'ERROR' || reconciled === false) return health('Degraded', error || 'not reconciled');
  if (['DEPLOYING', 'DEPLOYED_NOT_READY'].includes(manager)) {
    return health('Progressing', `status.jobManagerDeploymentStatus is "${manager}"`);
  }
  const deployed = textAt(live, 'status', 'reconciliationStatus', 'state') === 'DEPLOYED';
  return reconciled === true || deployed ? health('Healthy') : undefined;
};

/** Learning and data processing: KServe, Kubeflow, Ray, Volcano, Spark, Flink. */
export const computing: readonly KindRule[] = [
  {
    group: 'serving.kserve.io',
    kinds: ['InferenceService', 'InferenceGraph'],
    restsOn:
      '`status.observedGeneration`, condition `Stopped`, `status.modelStatus.transitionStatus`, condition `Ready`',
    checks: [
      // It is stopped by an annotation of a person.
      condition('Stopped', { True: 'Suspended' }),
      when(
        (live) =>
          ['BlockedByFailedLoad', 'InvalidSpec'].includes(
            textAt(live, 'status', 'modelStatus', 'transitionStatus'),
          ),
        'Degraded',
        (live) =>
          textAt(live, 'status', 'modelStatus', 'lastFailureInfo', 'message') ||
          textAt(live, 'status', 'modelStatus', 'transitionStatus'),
      ),
      // False while its parts come up, with the cause of a failure in the model's status.
      condition('Ready', falseWaits),
    ],
  },
  {
    group: 'kubeflow.org',
    kinds: ['TFJob', 'PyTorchJob', 'MPIJob', 'XGBoostJob', 'PaddleJob', 'JAXJob'],
    restsOn: 'conditions `Failed`, `Succeeded`, `Suspended`',
    checks: training,
  },
  {
    group: 'kubeflow.org',
    kinds: ['Notebook'],
    restsOn: 'annotation `kubeflow-resource-stopped`, `status.readyReplicas`',
    checks: [
      when(
        (live) => live.metadata.annotations?.['kubeflow-resource-stopped'] !== undefined,
        'Suspended',
        'annotation kubeflow-resource-stopped is set',
      ),
      when((live) => (numberAt(live, 'status', 'readyReplicas') ?? 0) > 0, 'Healthy'),
    ],
  },
  {
    group: 'trainer.kubeflow.org',
    kinds: ['TrainJob'],
    restsOn: 'conditions `Failed`, `Complete`, `Suspended`',
    checks: [
      condition('Failed', { True: 'Degraded' }),
      condition('Complete', { True: 'Healthy' }),
      condition('Suspended', { True: 'Suspended' }),
    ],
  },
  {
    group: 'ray.io',
    kinds: ['RayCluster'],
    restsOn: '`status.observedGeneration`, `status.state`, `status.reason`',
    checks: [
      word(['status', 'state'], { ready: 'Healthy', suspended: 'Suspended', failed: 'Degraded' }, [
        'status',
        'reason',
      ]),
    ],
  },
  {
    group: 'ray.io',
    kinds: ['RayJob'],
    restsOn: '`status.observedGeneration`, `status.jobDeploymentStatus`, `status.message`',
    checks: [
      word(['status', 'jobDeploymentStatus'], {
        Complete: 'Healthy',
        Suspended: 'Suspended',
        Failed: 'Degraded',
      }),
    ],
  },
  {
    group: 'ray.io',
    kinds: ['RayService'],
    restsOn: '`status.observedGeneration`, condition `Ready`, `status.serviceStatus`',
    checks: [condition('Ready', falseWaits), word(['status', 'serviceStatus'], { Running: 'Healthy' })],
  },
  {
    group: 'batch.volcano.sh',
    kinds: ['Job'],
    restsOn: '`status.state.phase`, `status.state.message`',
    checks: [word(['status', 'state', 'phase'], volcanoPhases, ['status', 'state', 'message'])],
  },
  {
    group: 'scheduling.volcano.sh',
    kinds: ['Queue'],
    restsOn: '`status.state`',
    checks: [word(['status', 'state'], { Open: 'Healthy', Closed: 'Suspended', Unknown: 'Unknown' })],
  },
  {
    group: 'sparkoperator.k8s.io',
    kinds: ['SparkApplication'],
    restsOn: '`status.applicationState.state`, `status.applicationState.errorMessage`',
    checks: [
      word(
        ['status', 'applicationState', 'state'],
        {
          RUNNING: 'Healthy',
          COMPLETED: 'Healthy',
          FAILED: 'Degraded',
          SUBMISSION_FAILED: 'Degraded',
          SUSPENDED: 'Suspended',
          UNKNOWN: 'Unknown',
        },
        ['status', 'applicationState', 'errorMessage'],
      ),
    ],
  },
  {
    group: 'sparkoperator.k8s.io',
    kinds: ['ScheduledSparkApplication'],
    restsOn: '`spec.suspend`, `status.scheduleState`, `status.reason`',
    fromSpec: [idleBy('spec', 'suspend')],
    checks: [
      word(
        ['status', 'scheduleState'],
        { Scheduled: 'Healthy', Validating: 'Progressing', FailedValidation: 'Degraded' },
        ['status', 'reason'],
      ),
    ],
  },
  {
    group: 'flink.apache.org',
    kinds: ['FlinkDeployment', 'FlinkSessionJob'],
    restsOn: '`status.observedGeneration`, `status.lifecycleState`, `status.error`',
    checks: [word(['status', 'lifecycleState'], flinkStates, ['status', 'error'])],
    earlier: {
      before: '1.2',
      restsOn: '`status.reconciliationStatus`, `status.jobManagerDeploymentStatus`',
      checks: [flinkBeforeStates],
    },
  },
];
