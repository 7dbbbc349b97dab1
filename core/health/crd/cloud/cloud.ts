import { listAt, textAt, valueAt } from '../../../object/json/field.ts';
import { condition, falseWaits, saysFailure, when, word } from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

/** Reasons for which Config Connector will not get on without a change. */
const configConnectorFailures = {
  UpdateFailed: 'Degraded',
  DeleteFailed: 'Degraded',
  ManagementConflict: 'Degraded',
  PreActuationTransformFailed: 'Degraded',
  PostActuationTransformFailed: 'Degraded',
  DependencyInvalid: 'Degraded',
} as const;

/** Reasons of SAP's conditions for which it waits, for the service or for another object. */
const sapSteps = {
  CreateInProgress: 'Progressing',
  UpdateInProgress: 'Progressing',
  DeleteInProgress: 'Progressing',
  InProgress: 'Progressing',
  Blocked: 'Progressing',
} as const;

/** Clouds as custom resources: AWS, Google, Azure, SAP, Temporal. */
export const cloud: readonly KindRule[] = [
  {
    group: '*.services.k8s.aws',
    kinds: ['*'],
    restsOn: 'conditions `ACK.Terminal`, `ACK.Recoverable`, `ACK.ResourceSynced`',
    checks: [
      condition('ACK.Terminal', { True: 'Degraded' }),
      // It is tried again by itself, with its cause in the message.
      condition('ACK.Recoverable', { True: 'Progressing' }),
      condition('ACK.ResourceSynced', falseWaits),
    ],
  },
  {
    group: '*.cnrm.cloud.google.com',
    kinds: ['*'],
    restsOn: '`status.observedGeneration`, condition `Ready` with its reason',
    checks: [condition('Ready', { ...falseWaits, reasons: configConnectorFailures })],
  },
  {
    group: 'core.cnrm.cloud.google.com',
    kinds: ['ConfigConnector', 'ConfigConnectorContext'],
    restsOn: '`status.observedGeneration`, `status.healthy`, `status.errors`',
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
      // Warnings and information are steps on the way, such as waiting for an owner.
      condition('Ready', falseWaits),
    ],
  },
  {
    group: 'temporal.io',
    kinds: ['TemporalCluster'],
    restsOn: 'conditions `ReconcileError`, `Ready`',
    checks: [condition('ReconcileError', { True: 'Degraded' }), condition('Ready', falseWaits)],
  },
  {
    group: 'services.cloud.sap.com',
    kinds: ['ServiceInstance', 'ServiceBinding'],
    restsOn: 'conditions `Failed`, `Succeeded` with its reason, `Ready`, with their generation',
    checks: [
      condition('Failed', { True: 'Degraded' }),
      // False from the first step on, with what is under way as its reason.
      condition('Succeeded', { False: 'Degraded', Unknown: 'Progressing', reasons: sapSteps }),
      condition('Ready', falseWaits),
      condition('Succeeded', { True: 'Healthy' }),
    ],
  },
  {
    group: 'networking.gke.io',
    kinds: ['ManagedCertificate'],
    restsOn: '`status.domainStatus[].status`, `status.certificateStatus`',
    checks: [
      // The certificate as a whole stays provisioning while one of its domains has failed.
      (live) => {
        const failed = listAt(live, 'status', 'domainStatus').find((domain) =>
          saysFailure(textAt(domain, 'status')),
        );
        if (failed === undefined) return undefined;
        return health('Degraded', `${textAt(failed, 'domain')}: ${textAt(failed, 'status')}`);
      },
      word(['status', 'certificateStatus'], { Active: 'Healthy' }),
    ],
  },
];
