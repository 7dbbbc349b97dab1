import { textAt } from '../../../object/json/field.ts';
import { condition, falseFails, falseWaits, suspendedByAnnotation, when } from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

const readyOfGeneration = condition('Ready', falseFails);

/** What scales and what admits: KEDA, Karpenter, Kueue. */
export const scaling: readonly KindRule[] = [
  {
    group: 'keda.sh',
    kinds: ['ScaledObject', 'ScaledJob'],
    restsOn:
      'annotations `autoscaling.keda.sh/paused`, `autoscaling.keda.sh/paused-replicas`, conditions `Paused`, `Fallback`, `Ready` with its reason',
    fromSpec: [
      suspendedByAnnotation('autoscaling.keda.sh/paused', 'true'),
      suspendedByAnnotation('autoscaling.keda.sh/paused-replicas'),
    ],
    checks: [
      condition('Paused', { True: 'Suspended' }),
      // The replicas of the fallback stand because the metrics cannot be read.
      condition('Fallback', { True: 'Degraded' }),
      // Written in every rollout of the target, whose new pods have no metrics yet.
      condition('Ready', { ...falseFails, reasons: { HPAMetricsUnavailable: 'Progressing' } }),
    ],
  },
  {
    group: 'karpenter.sh',
    kinds: ['NodePool'],
    restsOn: 'condition `Ready` with its generation',
    checks: [readyOfGeneration],
  },
  {
    group: 'karpenter.sh',
    kinds: ['NodeClaim'],
    restsOn: 'condition `Ready` with its generation',
    checks: [
      // A node takes minutes to come; one that does not come is deleted and replaced.
      condition('Ready', falseWaits),
    ],
  },
  {
    group: 'karpenter.k8s.aws',
    kinds: ['EC2NodeClass'],
    restsOn: 'condition `Ready` with its generation',
    checks: [readyOfGeneration],
  },
  {
    group: 'kueue.x-k8s.io',
    kinds: ['ClusterQueue', 'LocalQueue'],
    restsOn: '`spec.stopPolicy`, condition `Active` with its generation',
    checks: [
      when(
        (live) => ['Hold', 'HoldAndDrain'].includes(textAt(live, 'spec', 'stopPolicy')),
        'Suspended',
        (live) => `spec.stopPolicy is "${textAt(live, 'spec', 'stopPolicy')}"`,
      ),
      condition('Active', falseFails),
    ],
  },
  {
    group: 'jobset.x-k8s.io',
    kinds: ['JobSet'],
    restsOn: 'conditions `Failed`, `Completed`, `Suspended`',
    checks: [
      condition('Failed', { True: 'Degraded' }),
      condition('Completed', { True: 'Healthy' }),
      condition('Suspended', { True: 'Suspended' }),
    ],
  },
];
