import { textAt } from '../../../object/json/field.ts';
import { condition, falseFails, falseWaits, when, word } from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

const keptnStates = {
  Succeeded: 'Healthy',
  Warning: 'Healthy',
  Pending: 'Progressing',
  Progressing: 'Progressing',
  Failed: 'Degraded',
  Deprecated: 'Suspended',
} as const;

/** Pipelines and integrations: Tekton, Keptn, Camel K, Keycloak. */
export const delivery: readonly KindRule[] = [
  {
    group: 'tekton.dev',
    kinds: ['PipelineRun', 'TaskRun', 'CustomRun'],
    restsOn: 'condition `Succeeded`; `spec.status: PipelineRunPending`',
    fromSpec: [
      when(
        (live) => textAt(live, 'spec', 'status') === 'PipelineRunPending',
        'Suspended',
        'spec.status is "PipelineRunPending"',
      ),
    ],
    checks: [condition('Succeeded', falseFails)],
  },
  {
    group: 'operator.tekton.dev',
    kinds: ['*'],
    restsOn: 'condition `Ready`',
    // The operator says false, with the reason Error, while it installs and begins anew.
    checks: [condition('Ready', { ...falseWaits, reasons: { Error: 'Progressing' } })],
  },
  {
    group: 'triggers.tekton.dev',
    kinds: ['EventListener'],
    restsOn: '`status.observedGeneration`, condition `Ready`',
    checks: [condition('Ready', falseWaits)],
  },
  {
    group: 'lifecycle.keptn.sh',
    kinds: ['KeptnAppVersion', 'KeptnWorkloadVersion', 'KeptnWorkloadInstance', 'KeptnTask'],
    restsOn: '`status.status`',
    checks: [word(['status', 'status'], keptnStates)],
  },
  {
    group: 'lifecycle.keptn.sh',
    kinds: ['KeptnEvaluation'],
    restsOn: '`status.overallStatus`',
    checks: [word(['status', 'overallStatus'], keptnStates)],
  },
  {
    group: 'camel.apache.org',
    kinds: ['Integration', 'Pipe'],
    restsOn: '`status.observedGeneration`, `status.phase`, condition `Ready`',
    checks: [
      when((live) => textAt(live, 'status', 'phase') === 'Error', 'Degraded', 'status.phase is "Error"'),
      // What has failed for good is in the phase; until then the reason stays that of a try before.
      condition('Ready', { ...falseWaits, reasons: { InitializationFailed: 'Progressing' } }),
    ],
  },
  {
    group: 'camel.apache.org',
    kinds: ['IntegrationPlatform', 'IntegrationKit', 'Kamelet'],
    restsOn: '`status.observedGeneration`, `status.phase`',
    checks: [word(['status', 'phase'], { Ready: 'Healthy', Error: 'Degraded' })],
  },
  {
    group: 'k8s.keycloak.org',
    kinds: ['Keycloak'],
    restsOn: '`status.observedGeneration`, conditions `HasErrors`, `Ready`',
    checks: [condition('HasErrors', { True: 'Degraded' }), condition('Ready', falseWaits)],
  },
  {
    group: 'k8s.keycloak.org',
    kinds: ['KeycloakRealmImport'],
    restsOn: 'conditions `HasErrors`, `Done`',
    checks: [condition('HasErrors', { True: 'Degraded' }), condition('Done', falseWaits)],
  },
];
