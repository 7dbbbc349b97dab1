import { conditionOf, textAt } from '../../object/field.ts';
import { condition, every, type HealthCheck, observed, suspendedBy, when, word } from '../check.ts';
import type { KindRule } from '../kind-rule.ts';

/** The Prometheus operator has a fourth status: some replicas are there. */
const partlyAvailable: HealthCheck = when(
  (live) => textAt(conditionOf(live, 'Available'), 'status') === 'Degraded',
  'Degraded',
  (live) => textAt(conditionOf(live, 'Available'), 'message'),
);

const synchronized = (type: string): KindRule['checks'] => [
  suspendedBy('spec', 'suspend'),
  condition('InvalidSpec', { True: 'Degraded' }),
  condition('NoMatchingInstance', { True: 'Degraded' }),
  condition('NoMatchingFolder', { True: 'Degraded' }),
  condition(type, { True: 'Healthy', False: 'Degraded', Unknown: 'Progressing', ofGeneration: true }),
];

const elasticHealth = {
  green: 'Healthy',
  yellow: 'Progressing',
  unknown: 'Progressing',
  red: 'Degraded',
} as const;

/** Metrics, dashboards and searchable logs. */
export const observability: readonly KindRule[] = [
  {
    group: 'monitoring.coreos.com',
    kinds: ['Prometheus', 'PrometheusAgent', 'Alertmanager', 'ThanosRuler'],
    restsOn: '`spec.paused`, conditions `Reconciled`, `Available` with their generation',
    checks: [
      suspendedBy('spec', 'paused'),
      condition('Reconciled', { False: 'Degraded', Unknown: 'Progressing', ofGeneration: true }),
      partlyAvailable,
      condition('Available', {
        True: 'Healthy',
        False: 'Progressing',
        Unknown: 'Progressing',
        ofGeneration: true,
      }),
    ],
  },
  {
    group: 'grafana.integreatly.org',
    kinds: ['Grafana'],
    restsOn: '`status.stageStatus`, `status.stage`, `status.lastMessage`',
    checks: [
      when(
        (live) => textAt(live, 'status', 'stageStatus') === 'failed',
        'Degraded',
        (live) =>
          textAt(live, 'status', 'lastMessage') || `stage "${textAt(live, 'status', 'stage')}" failed`,
      ),
      when(
        (live) =>
          textAt(live, 'status', 'stageStatus') === 'success' &&
          textAt(live, 'status', 'stage') === 'complete',
        'Healthy',
      ),
    ],
  },
  {
    group: 'grafana.integreatly.org',
    kinds: ['GrafanaDashboard'],
    restsOn:
      '`spec.suspend`, conditions `InvalidSpec`, `NoMatchingInstance`, `NoMatchingFolder`, `DashboardSynchronized`',
    checks: synchronized('DashboardSynchronized'),
  },
  {
    group: 'grafana.integreatly.org',
    kinds: ['GrafanaDatasource'],
    restsOn: '`spec.suspend`, conditions `InvalidSpec`, `NoMatchingInstance`, `DatasourceSynchronized`',
    checks: synchronized('DatasourceSynchronized'),
  },
  {
    group: 'grafana.integreatly.org',
    kinds: ['GrafanaFolder'],
    restsOn:
      '`spec.suspend`, conditions `InvalidSpec`, `NoMatchingInstance`, `NoMatchingFolder`, `FolderSynchronized`',
    checks: synchronized('FolderSynchronized'),
  },
  {
    group: 'operator.victoriametrics.com',
    kinds: ['VMCluster', 'VMSingle', 'VMAgent', 'VMAlert', 'VMAlertmanager', 'VMAuth'],
    restsOn: '`status.observedGeneration`, `status.updateStatus`, `status.reason`',
    checks: [
      observed,
      word(
        ['status', 'updateStatus'],
        { operational: 'Healthy', expanding: 'Progressing', failed: 'Degraded', paused: 'Suspended' },
        ['status', 'reason'],
      ),
    ],
  },
  {
    group: 'elasticsearch.k8s.elastic.co',
    kinds: ['Elasticsearch'],
    restsOn: '`status.observedGeneration`, `status.phase`, `status.health`',
    checks: [
      observed,
      every(
        word(['status', 'phase'], { Ready: 'Healthy', Invalid: 'Degraded' }),
        word(['status', 'health'], elasticHealth),
      ),
    ],
  },
  {
    group: '*.k8s.elastic.co',
    kinds: ['Kibana', 'ApmServer', 'Agent', 'Beat', 'Logstash', 'EnterpriseSearch', 'ElasticMapsServer'],
    restsOn: '`status.observedGeneration`, `status.health`',
    checks: [observed, word(['status', 'health'], elasticHealth)],
  },
  {
    group: 'opensearch.opster.io',
    kinds: ['OpenSearchCluster'],
    restsOn: '`status.phase`, `status.health`',
    checks: [
      when((live) => textAt(live, 'status', 'health') === 'red', 'Degraded', 'status.health is "red"'),
      word(['status', 'phase'], { RUNNING: 'Healthy', PENDING: 'Progressing' }),
    ],
  },
];
