import { conditionOf, textAt } from '../../object/json/field.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import type { ActionTable, BuiltinAction } from '../action.ts';
import { annotationSwitch, order, pauseResume } from './switches.ts';

const paused = annotationSwitch('strimzi.io/pause-reconciliation', 'true', pauseResume);

const has = (live: Manifest, type: string): boolean => textAt(conditionOf(live, type), 'status') === 'True';

const manualRoll = 'strimzi.io/manual-rolling-update';
const rollPods = order('rolling-update', ['metadata', 'annotations', manualRoll], 'true', (live) =>
  live.metadata.annotations?.[manualRoll] === 'true'
    ? `annotation ${manualRoll} is set: the pods are rolled at the next reconciliation`
    : undefined,
);

/** What a rebalance is told is an annotation that the operator takes away once it has read it. */
function rebalance(value: string, refuses: BuiltinAction['refuses']): BuiltinAction {
  return order(value, ['metadata', 'annotations', 'strimzi.io/rebalance'], value, refuses);
}

/** Strimzi. */
export const messagingActions: ActionTable = {
  'kafka.strimzi.io/Kafka': paused,
  'kafka.strimzi.io/KafkaBridge': paused,
  'kafka.strimzi.io/KafkaConnect': paused,
  'kafka.strimzi.io/KafkaMirrorMaker2': paused,
  'kafka.strimzi.io/KafkaTopic': paused,
  'kafka.strimzi.io/KafkaUser': paused,
  'kafka.strimzi.io/KafkaConnector': [
    order('restart', ['metadata', 'annotations', 'strimzi.io/restart'], 'true'),
    ...paused,
  ],
  'core.strimzi.io/StrimziPodSet': [{ ...rollPods, aliases: ['restart'] }],
  'kafka.strimzi.io/KafkaRebalance': [
    rebalance('approve', (live) => (has(live, 'ProposalReady') ? undefined : 'no proposal is ready')),
    rebalance('refresh', (live) => (has(live, 'Rebalancing') ? 'the rebalance is under way' : undefined)),
    rebalance('stop', (live) =>
      has(live, 'Rebalancing') || has(live, 'PendingProposal') ? undefined : 'nothing is under way',
    ),
  ],
};
