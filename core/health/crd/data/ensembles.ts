import { listAt, numberAt, textAt, valueAt } from '../../../object/json/field.ts';
import { condition, falseWaits, type HealthCheck, saysFailure, when, word, worstOf } from '../../check.ts';
import { health } from '../../health.ts';
import type { KindRule } from '../../kind-rule.ts';

/** Progressing until as many are ready as there are to be; no answer where either is not said. */
function readyOf(ready: number | undefined, wanted: number | undefined): ReturnType<HealthCheck> {
  if (ready === undefined || wanted === undefined) return undefined;
  return ready >= wanted
    ? health('Healthy')
    : health('Progressing', `${ready} of ${wanted} members are ready`);
}

const racks: HealthCheck = (live) => {
  const each = Object.values(Object(valueAt(live, 'status', 'racks')));
  const sum = (name: string): number =>
    each.reduce<number>((all, rack) => all + (numberAt(rack, name) ?? 0), 0);
  return each.length === 0 ? undefined : readyOf(sum('readyMembers'), sum('members'));
};

const solrNodes: HealthCheck = (live) => {
  const nodes = listAt(live, 'status', 'solrNodes');
  if (nodes.length === 0) return undefined;
  const waiting = nodes.filter((node) => valueAt(node, 'ready') !== true);
  const wanted = numberAt(live, 'spec', 'replicas') ?? nodes.length;
  const old = nodes.some((node) => valueAt(node, 'specUpToDate') === false);
  if (old) return health('Progressing', 'nodes of an older spec are replaced');
  return readyOf(nodes.length - waiting.length, wanted);
};

/** What Cruise Control does for a broker: the operator's words end the same way for each of its operations. */
const cruiseControlSteps = [
  { step: /CompletedWithError$/, status: 'Degraded' },
  // It has failed too, and is not tried again before a person says so.
  { step: /Paused$/, status: 'Degraded' },
  { step: /(Required|Scheduled|Running)$/, status: 'Progressing' },
] as const;

/** What a broker is doing: its configuration, and what Cruise Control moves to it, from it or within it. */
const brokers: HealthCheck = (live) =>
  worstOf(
    Object.entries(Object(valueAt(live, 'status', 'brokersState'))).flatMap(([id, broker]) => {
      const action = valueAt(broker, 'gracefulActionState');
      const volumes = Object.values(Object(valueAt(action, 'volumeStates')));
      const moves = [action, ...volumes].flatMap((place) => {
        const word = textAt(place, 'cruiseControlState') || textAt(place, 'cruiseControlVolumeState');
        const known = cruiseControlSteps.find(({ step }) => step.test(word));
        return known === undefined ? [] : [health(known.status, `broker ${id}: ${word}`)];
      });
      const configurations = ['configurationState', 'perBrokerConfigurationState'].flatMap((name) => {
        const word = textAt(broker, name);
        if (saysFailure(word)) return [health('Degraded', `broker ${id}: ${word}`)];
        const inSync = word.endsWith('InSync') || (word === '' && name !== 'configurationState');
        return inSync ? [] : [health('Progressing', `the configuration of broker ${id} is not in sync`)];
      });
      return [...moves, ...configurations];
    }),
  );

/** Words of the operator for a switch that is on. */
const switchedOn: ReadonlySet<string> = new Set(['1', 'enable', 'enabled', 'on', 'true', 'yes']);

/** Members that make one store or one stream: Cassandra, Keeper, Kafka, Solr, ZooKeeper. */
export const ensembles: readonly KindRule[] = [
  {
    group: 'cassandra.rook.io',
    kinds: ['Cluster'],
    restsOn: '`status.racks.*.members`, `.readyMembers`',
    checks: [racks],
  },
  {
    group: 'clickhouse-keeper.altinity.com',
    kinds: ['ClickHouseKeeperInstallation'],
    restsOn: '`spec.suspend`, `status.status`, `status.error`',
    fromSpec: [
      when(
        (live) => switchedOn.has(String(valueAt(live, 'spec', 'suspend')).toLowerCase()),
        'Suspended',
        'spec.suspend is set',
      ),
    ],
    checks: [word(['status', 'status'], { Completed: 'Healthy', Aborted: 'Degraded' }, ['status', 'error'])],
  },
  {
    group: 'kafka.banzaicloud.io',
    kinds: ['KafkaCluster'],
    restsOn:
      '`status.brokersState.*.configurationState`, `.perBrokerConfigurationState`, `.gracefulActionState.cruiseControlState`, `.volumeStates`, `status.state`',
    checks: [brokers, word(['status', 'state'], { ClusterRunning: 'Healthy' })],
  },
  {
    group: 'platform.confluent.io',
    kinds: ['Connector'],
    restsOn: '`status.state`, `status.failedTasksCount`, `status.connectorState`',
    checks: [
      (live) =>
        textAt(live, 'status', 'state') === 'ERROR'
          ? health('Degraded', textAt(listAt(live, 'status', 'conditions')[0], 'message') || 'it is in error')
          : undefined,
      when(
        (live) => Number(valueAt(live, 'status', 'failedTasksCount') ?? 0) > 0,
        'Degraded',
        'tasks have failed',
      ),
      word(['status', 'connectorState'], { RUNNING: 'Healthy', PAUSED: 'Suspended', FAILED: 'Degraded' }),
    ],
  },
  {
    group: 'solr.apache.org',
    kinds: ['SolrCloud'],
    restsOn: '`status.solrNodes[].ready`, `.specUpToDate`, `spec.replicas`',
    checks: [solrNodes],
  },
  {
    group: 'zookeeper.pravega.io',
    kinds: ['ZookeeperCluster'],
    restsOn: 'conditions `Error`, `Upgrading`; `status.readyReplicas`, `spec.replicas`',
    checks: [
      condition('Error', { True: 'Degraded' }),
      condition('Upgrading', { True: 'Progressing' }),
      (live) =>
        readyOf(
          numberAt(live, 'status', 'readyReplicas'),
          numberAt(live, 'spec', 'replicas') ?? numberAt(live, 'status', 'replicas'),
        ),
    ],
  },
  {
    group: 'mariadb.mmontes.io',
    kinds: ['MariaDB'],
    restsOn: 'condition `Ready` with its reason',
    checks: [condition('Ready', falseWaits)],
  },
];
