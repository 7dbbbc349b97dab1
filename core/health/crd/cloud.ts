import { conditionOf, textAt, valueAt } from '../../object/field.ts';
import { condition, observed, when } from '../check.ts';
import type { KindRule } from '../kind-rule.ts';

/** Reasons for which Config Connector will not get on without a change. */
const configConnectorFailures = {
  UpdateFailed: 'Degraded',
  DeleteFailed: 'Degraded',
  ManagementConflict: 'Degraded',
  PreActuationTransformFailed: 'Degraded',
  PostActuationTransformFailed: 'Degraded',
  DependencyInvalid: 'Degraded',
} as const;

/** Clouds as custom resources: AWS, Google, Azure, Temporal. */
export const cloud: readonly KindRule[] = [
  {
    group: '*.services.k8s.aws',
    kinds: ['*'],
    restsOn: 'conditions `ACK.Terminal`, `ACK.Recoverable`, `ACK.ResourceSynced`',
    checks: [
      condition('ACK.Terminal', { True: 'Degraded' }),
      // It is tried again by itself, with its cause in the message.
      condition('ACK.Recoverable', { True: 'Progressing' }),
      condition('ACK.ResourceSynced', { True: 'Healthy', False: 'Progressing', Unknown: 'Progressing' }),
    ],
  },
  {
    group: '*.cnrm.cloud.google.com',
    kinds: ['*'],
    restsOn: '`status.observedGeneration`, condition `Ready` with its reason',
    checks: [
      observed,
      condition('Ready', {
        True: 'Healthy',
        False: 'Progressing',
        Unknown: 'Progressing',
        reasons: configConnectorFailures,
      }),
    ],
  },
  {
    group: 'core.cnrm.cloud.google.com',
    kinds: ['ConfigConnector', 'ConfigConnectorContext'],
    restsOn: '`status.healthy`, `status.errors`',
    checks: [
      when((live) => valueAt(live, 'status', 'healthy') === true, 'Healthy'),
      when((live) => valueAt(live, 'status', 'healthy') === false, 'Degraded', 'status.healthy is false'),
    ],
  },
  { group: 'core.cnrm.cloud.google.com', kinds: ['*'], restsOn: '', checks: [] },
  { group: 'customize.core.cnrm.cloud.google.com', kinds: ['*'], restsOn: '', checks: [] },
  {
    group: '*.azure.com',
    kinds: ['*'],
    restsOn: 'condition `Ready` with its severity and generation',
    checks: [
      when(
        (live) => {
          const ready = conditionOf(live, 'Ready');
          return textAt(ready, 'status') === 'False' && textAt(ready, 'severity') === 'Error';
        },
        'Degraded',
        (live) =>
          textAt(conditionOf(live, 'Ready'), 'message') || textAt(conditionOf(live, 'Ready'), 'reason'),
      ),
      // Warnings and information are steps on the way, such as waiting for an owner.
      condition('Ready', {
        True: 'Healthy',
        False: 'Progressing',
        Unknown: 'Progressing',
        ofGeneration: true,
      }),
    ],
  },
  {
    group: 'temporal.io',
    kinds: ['TemporalCluster'],
    restsOn: 'conditions `ReconcileError`, `Ready`',
    checks: [
      condition('ReconcileError', { True: 'Degraded' }),
      condition('Ready', { True: 'Healthy', False: 'Progressing', Unknown: 'Progressing' }),
    ],
  },
  {
    group: 'networking.gke.io',
    kinds: ['ManagedCertificate'],
    restsOn: '`status.certificateStatus`',
    checks: [
      when((live) => textAt(live, 'status', 'certificateStatus') === 'Active', 'Healthy'),
      when(
        (live) => textAt(live, 'status', 'certificateStatus').startsWith('Failed'),
        'Degraded',
        (live) => `status.certificateStatus is "${textAt(live, 'status', 'certificateStatus')}"`,
      ),
    ],
  },
];
