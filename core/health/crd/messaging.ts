import { condition, every, observed, suspendedByAnnotation, word } from '../check.ts';
import type { KindRule } from '../kind-rule.ts';

const strimziPaused: KindRule['checks'] = [
  suspendedByAnnotation('strimzi.io/pause-reconciliation', 'true'),
  condition('ReconciliationPaused', { True: 'Suspended' }),
];
const strimziReady: KindRule['checks'] = [
  observed,
  condition('NotReady', { True: 'Degraded', reasons: { Creating: 'Progressing' } }),
  condition('Ready', { True: 'Healthy', False: 'Degraded', Unknown: 'Progressing' }),
];

/** Brokers: Strimzi, RabbitMQ. */
export const messaging: readonly KindRule[] = [
  {
    group: 'kafka.strimzi.io',
    kinds: [
      'Kafka',
      'KafkaConnect',
      'KafkaConnector',
      'KafkaBridge',
      'KafkaMirrorMaker2',
      'KafkaTopic',
      'KafkaUser',
    ],
    restsOn:
      'annotation `strimzi.io/pause-reconciliation`, `status.observedGeneration`, conditions `ReconciliationPaused`, `NotReady`, `Ready`',
    checks: [...strimziPaused, ...strimziReady],
  },
  {
    group: 'kafka.strimzi.io',
    kinds: ['KafkaRebalance'],
    restsOn:
      '`status.observedGeneration`, conditions `ReconciliationPaused`, `NotReady`, `ProposalReady`, `Stopped`, `Ready`',
    checks: [
      ...strimziPaused,
      observed,
      condition('NotReady', { True: 'Degraded' }),
      // It waits for a person to approve, or to ask for a new proposal.
      condition('ProposalReady', { True: 'Suspended' }),
      condition('Stopped', { True: 'Suspended' }),
      condition('Ready', { True: 'Healthy' }),
    ],
  },
  {
    group: 'rabbitmq.com',
    kinds: ['RabbitmqCluster'],
    restsOn:
      'label `rabbitmq.com/pauseReconciliation`, `status.observedGeneration`, conditions `NoWarnings`, `ReconcileSuccess`, `AllReplicasReady`, `ClusterAvailable`',
    checks: [
      (live) =>
        live.metadata.labels?.['rabbitmq.com/pauseReconciliation'] === 'true'
          ? { status: 'Suspended', message: 'label rabbitmq.com/pauseReconciliation is "true"' }
          : undefined,
      observed,
      condition('ReconcileSuccess', { False: 'Degraded' }),
      condition('NoWarnings', { False: 'Degraded' }),
      every(
        condition('AllReplicasReady', { True: 'Healthy', False: 'Progressing', Unknown: 'Progressing' }),
        condition('ClusterAvailable', { True: 'Healthy', False: 'Progressing', Unknown: 'Progressing' }),
      ),
    ],
  },
  {
    group: 'rabbitmq.com',
    kinds: ['*'],
    restsOn: '`status.observedGeneration`, condition `Ready`',
    checks: [observed, condition('Ready', { True: 'Healthy', False: 'Degraded', Unknown: 'Progressing' })],
  },
  {
    group: 'platform.confluent.io',
    kinds: [
      'Kafka',
      'KRaftController',
      'Zookeeper',
      'SchemaRegistry',
      'Connect',
      'KsqlDB',
      'ControlCenter',
      'KafkaRestProxy',
    ],
    restsOn: '`status.observedGeneration`, `status.phase`',
    checks: [
      observed,
      word(['status', 'phase'], { RUNNING: 'Healthy', PROVISIONING: 'Progressing', FAILED: 'Degraded' }),
    ],
  },
];
