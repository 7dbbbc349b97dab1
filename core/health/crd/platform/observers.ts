import { conditionOf, textAt } from '../../../object/json/field.ts';
import { condition, falseFails, type HealthCheck, when, word } from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

/** How many of its pods are ready, which a collector writes as `1/2`. */
const readyCollectors: HealthCheck = (live) => {
  const counts = /^(\d+)\/(\d+)$/.exec(textAt(live, 'status', 'scale', 'statusReplicas'));
  if (counts === null) return undefined;
  const [, ready = '', wanted = ''] = counts;
  if (Number(ready) >= Number(wanted)) return health('Healthy');
  return health('Progressing', `${ready} of ${wanted} replicas are ready`);
};

/** The operators' playbook runs again and again; only while it says Running is it at work. */
const isRunning = when(
  (live) => textAt(conditionOf(live, 'Running'), 'reason') === 'Running',
  'Progressing',
  'the operator is at work',
);

/** What watches others: Jaeger, Kiali, OpenTelemetry, Datadog. */
export const observers: readonly KindRule[] = [
  {
    group: 'jaegertracing.io',
    kinds: ['Jaeger'],
    restsOn: '`status.phase`',
    checks: [word(['status', 'phase'], { Running: 'Healthy', Failed: 'Degraded' })],
  },
  {
    group: 'kiali.io',
    kinds: ['Kiali'],
    restsOn: 'conditions `Failure`, `Running` with its reason, `Successful`',
    checks: [
      condition('Failure', { True: 'Degraded' }),
      isRunning,
      condition('Successful', { True: 'Healthy' }),
    ],
  },
  {
    group: 'opentelemetry.io',
    kinds: ['OpenTelemetryCollector'],
    restsOn: '`spec.mode` (a sidecar has no pods of its own), `status.scale.statusReplicas`',
    checks: [when((live) => textAt(live, 'spec', 'mode') === 'sidecar', 'Healthy'), readyCollectors],
  },
  {
    group: 'datadoghq.com',
    kinds: ['DatadogMetric'],
    restsOn: 'conditions `Error`, `Active`, `Valid`; a metric that no autoscaler uses is at rest',
    checks: [
      condition('Error', { True: 'Degraded' }),
      condition('Active', { False: 'Healthy' }),
      condition('Valid', falseFails),
    ],
  },
];
