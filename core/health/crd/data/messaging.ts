import {
  condition,
  every,
  falseFails,
  falseWaits,
  observed,
  suspendedByAnnotation,
  when,
  word,
} from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

const pausedByAnnotation = [suspendedByAnnotation('strimzi.io/pause-reconciliation', 'true')];
const paused = condition('ReconciliationPaused', { True: 'Suspended' });
const strimziReady: KindRule['checks'] = [
  paused,
  condition('NotReady', { True: 'Degraded', reasons: { Creating: 'Progressing' } }),
  condition('Ready', falseFails),
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
    fromSpec: pausedByAnnotation,
    checks: strimziReady,
  },
  {
    group: 'kafka.strimzi.io',
    kinds: ['KafkaRebalance'],
    restsOn:
      '`status.observedGeneration`, conditions `ReconciliationPaused`, `NotReady`, `ProposalReady`, `Stopped`, `Ready`',
    fromSpec: pausedByAnnotation,
    checks: [
      paused,
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
    fromSpec: [
      when(
        (live) => live.metadata.labels?.['rabbitmq.com/pauseReconciliation'] === 'true',
        'Suspended',
        'label rabbitmq.com/pauseReconciliation is "true"',
      ),
    ],
    checks: [
      condition('ReconcileSuccess', { False: 'Degraded' }),
      condition('NoWarnings', { False: 'Degraded' }),
      every(condition('AllReplicasReady', falseWaits), condition('ClusterAvailable', falseWaits)),
    ],
  },
  {
    group: 'rabbitmq.com',
    kinds: ['*'],
    restsOn: '`status.observedGeneration` of what succeeded, condition `Ready`',
    // The generation is written with a success alone, and what failed would never be told.
    observes: (live) => condition('Ready', { False: 'Degraded' })(live) ?? observed(live),
    checks: [condition('Ready', falseFails)],
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
      word(['status', 'phase'], { RUNNING: 'Healthy', PROVISIONING: 'Progressing', FAILED: 'Degraded' }),
    ],
  },
];
