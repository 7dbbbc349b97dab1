import { conditionOf, listAt, numberAt, textAt, valueAt } from '../../../object/json/field.ts';
import {
  condition,
  every,
  falseFails,
  falseWaits,
  type HealthCheck,
  saysFailure,
  suspendedBy,
  when,
  word,
} from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

/** The Prometheus operator has a fourth status: some replicas are there, as in the middle of every update. */
const partlyAvailable: HealthCheck = when(
  (live) => textAt(conditionOf(live, 'Available'), 'status') === 'Degraded',
  'Progressing',
  (live) =>
    textAt(conditionOf(live, 'Available'), 'message') || textAt(conditionOf(live, 'Available'), 'reason'),
);

/** Releases before 5.15 wrote a single word beside what they had synchronised. */
const beforeConditions: HealthCheck = (live) => {
  const missing = valueAt(live, 'status', 'NoMatchingInstances');
  if (missing === true) return health('Degraded', 'no Grafana matches its selector');
  return textAt(live, 'status', 'hash') === '' ? undefined : health('Healthy');
};

const synchronized = (type: string): Pick<KindRule, 'fromSpec' | 'checks' | 'earlier'> => ({
  fromSpec: [suspendedBy('spec', 'suspend')],
  checks: [
    condition('InvalidSpec', { True: 'Degraded' }),
    condition('NoMatchingInstance', { True: 'Degraded' }),
    condition('NoMatchingFolder', { True: 'Degraded' }),
    condition(type, falseFails),
  ],
  earlier: {
    before: '5.15',
    restsOn: '`status.NoMatchingInstances`, `status.hash`',
    checks: [beforeConditions],
  },
});

const elasticHealth = {
  green: 'Healthy',
  yellow: 'Progressing',
  unknown: 'Progressing',
  red: 'Degraded',
} as const;

/** Elasticsearch may be green with the nodes that it has, and wait for more. */
const allNodes: HealthCheck = (live) => {
  const wanted = listAt(live, 'spec', 'nodeSets').reduce<number>(
    (sum, set) => sum + (numberAt(set, 'count') ?? 0),
    0,
  );
  const there = numberAt(live, 'status', 'availableNodes') ?? wanted;
  return health(
    there < wanted ? 'Progressing' : 'Healthy',
    there < wanted ? `${there} of ${wanted} nodes are available` : '',
  );
};

/** Metrics, dashboards and searchable logs. */
export const observability: readonly KindRule[] = [
  {
    group: 'monitoring.coreos.com',
    kinds: ['Prometheus', 'PrometheusAgent', 'Alertmanager', 'ThanosRuler'],
    restsOn: '`spec.paused`, conditions `Reconciled`, `Available` with their generation',
    fromSpec: [suspendedBy('spec', 'paused')],
    checks: [
      condition('Reconciled', { False: 'Degraded', Unknown: 'Progressing' }),
      partlyAvailable,
      condition('Available', falseWaits),
    ],
  },
  {
    group: 'grafana.integreatly.org',
    kinds: ['Grafana'],
    restsOn: '`status.stageStatus`, `status.stage`, `status.lastMessage`',
    checks: [
      when(
        (live) => saysFailure(textAt(live, 'status', 'stageStatus')),
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
    ...synchronized('DashboardSynchronized'),
  },
  {
    group: 'grafana.integreatly.org',
    kinds: ['GrafanaDatasource'],
    restsOn: '`spec.suspend`, conditions `InvalidSpec`, `NoMatchingInstance`, `DatasourceSynchronized`',
    ...synchronized('DatasourceSynchronized'),
  },
  {
    group: 'grafana.integreatly.org',
    kinds: ['GrafanaFolder'],
    restsOn:
      '`spec.suspend`, conditions `InvalidSpec`, `NoMatchingInstance`, `NoMatchingFolder`, `FolderSynchronized`',
    ...synchronized('FolderSynchronized'),
  },
  {
    group: 'operator.victoriametrics.com',
    kinds: ['VMCluster', 'VMSingle', 'VMAgent', 'VMAlert', 'VMAlertmanager', 'VMAuth'],
    restsOn: '`status.observedGeneration`, `status.updateStatus`, `status.reason`',
    checks: [
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
    restsOn: '`status.observedGeneration`, `status.phase`, `status.health`, `status.availableNodes`',
    checks: [
      every(
        word(['status', 'phase'], { Ready: 'Healthy', Invalid: 'Degraded' }),
        word(['status', 'health'], elasticHealth),
        allNodes,
      ),
    ],
  },
  {
    group: '*.k8s.elastic.co',
    kinds: ['Kibana', 'ApmServer', 'Agent', 'Beat', 'Logstash', 'EnterpriseSearch', 'ElasticMapsServer'],
    restsOn: '`status.observedGeneration`, `status.health`',
    checks: [word(['status', 'health'], elasticHealth)],
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
