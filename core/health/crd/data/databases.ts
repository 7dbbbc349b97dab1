import { conditionOf, textAt } from '../../../object/json/field.ts';
import {
  condition,
  falseFails,
  falseWaits,
  idleBy,
  saysFailure,
  standard,
  suspendedBy,
  when,
  word,
} from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';
import { perconaStates } from './percona.ts';

/** Databases other than PostgreSQL. */
export const databases: readonly KindRule[] = [
  {
    group: 'psmdb.percona.com',
    kinds: ['PerconaServerMongoDB'],
    restsOn: '`status.observedGeneration`, `status.state`, `status.message`',
    checks: [word(['status', 'state'], perconaStates)],
  },
  {
    group: 'pxc.percona.com',
    kinds: ['PerconaXtraDBCluster'],
    restsOn: '`status.observedGeneration`, `status.state`',
    checks: [word(['status', 'state'], perconaStates)],
  },
  {
    group: 'ps.percona.com',
    kinds: ['PerconaServerMySQL'],
    restsOn: '`status.state`',
    checks: [word(['status', 'state'], perconaStates)],
  },
  {
    group: 'mongodbcommunity.mongodb.com',
    kinds: ['MongoDBCommunity'],
    restsOn: '`status.phase`, `status.message`',
    checks: [word(['status', 'phase'], { Running: 'Healthy', Pending: 'Progressing', Failed: 'Degraded' })],
  },
  {
    group: 'mongodb.com',
    kinds: ['MongoDB', 'MongoDBMultiCluster', 'MongoDBUser'],
    restsOn: '`status.observedGeneration`, `status.phase`, `status.message`',
    checks: [
      word(['status', 'phase'], {
        Running: 'Healthy',
        Updated: 'Healthy',
        Pending: 'Progressing',
        Reconciling: 'Progressing',
        Failed: 'Degraded',
      }),
    ],
  },
  {
    group: 'redis.redis.opstreelabs.in',
    kinds: ['RedisCluster'],
    restsOn: '`status.state`, `status.reason`',
    checks: [
      word(
        ['status', 'state'],
        { Ready: 'Healthy', Initializing: 'Progressing', Bootstrap: 'Progressing', Failed: 'Degraded' },
        ['status', 'reason'],
      ),
    ],
  },
  {
    group: 'app.redislabs.com',
    kinds: ['RedisEnterpriseCluster'],
    restsOn: '`status.state`',
    checks: [
      word(['status', 'state'], {
        Running: 'Healthy',
        Error: 'Degraded',
        Invalid: 'Degraded',
        InvalidUpgrade: 'Degraded',
      }),
    ],
  },
  {
    group: 'cassandra.datastax.com',
    kinds: ['CassandraDatacenter'],
    restsOn:
      '`spec.stopped`, `status.observedGeneration`, condition `Valid`, `status.cassandraOperatorProgress`, condition `Ready`',
    fromSpec: [suspendedBy('spec', 'stopped')],
    checks: [
      condition('Valid', { False: 'Degraded' }),
      when(
        (live) => textAt(live, 'status', 'cassandraOperatorProgress') === 'Updating',
        'Progressing',
        'updating',
      ),
      condition('Ready', falseWaits),
    ],
  },
  {
    group: 'k8ssandra.io',
    kinds: ['K8ssandraCluster'],
    restsOn: '`status.error`, condition `CassandraInitialized`',
    checks: [
      when(
        (live) => !['', 'None'].includes(textAt(live, 'status', 'error')),
        'Degraded',
        (live) => textAt(live, 'status', 'error'),
      ),
      condition('CassandraInitialized', falseWaits),
    ],
  },
  {
    group: 'k8s.mariadb.com',
    kinds: ['MariaDB', 'MaxScale'],
    restsOn: '`spec.suspend`, condition `Ready`',
    fromSpec: [suspendedBy('spec', 'suspend')],
    checks: [condition('Ready', falseWaits)],
  },
  {
    group: 'k8s.mariadb.com',
    kinds: ['Database', 'User', 'Grant', 'Connection'],
    restsOn: 'condition `Ready`',
    checks: [condition('Ready', falseWaits)],
  },
  {
    group: 'k8s.mariadb.com',
    kinds: ['Backup', 'SqlJob'],
    restsOn: '`spec.schedule.suspend` (at rest, so Healthy), condition `Complete` with its reason',
    fromSpec: [idleBy('spec', 'schedule', 'suspend')],
    // A job that has failed is complete, too; one on a schedule has nothing to wait for. That its last run has failed
    // is told by the message alone: the reason stays `CronJobScheduled`.
    checks: [
      when(
        (live) => {
          const complete = conditionOf(live, 'Complete');
          return textAt(complete, 'reason').startsWith('CronJob') && saysFailure(textAt(complete, 'message'));
        },
        'Degraded',
        'its last run has failed',
      ),
      condition('Complete', {
        ...falseWaits,
        reasons: {
          JobFailed: 'Degraded',
          JobSuspended: 'Suspended',
          CronJobScheduled: 'Healthy',
          CronJobRunning: 'Healthy',
          CronJobSuccess: 'Healthy',
        },
      }),
    ],
  },
  {
    group: 'db.atlasgo.io',
    kinds: ['AtlasSchema', 'AtlasMigration'],
    restsOn: 'conditions `Stalled`, `Reconciling`, `Ready` with its reason, with their generation',
    checks: [
      // It waits for a person; later releases call it reconciling meanwhile.
      condition('Ready', { reasons: { ApprovalPending: 'Suspended' } }),
      ...standard('Ready', {
        ...falseFails,
        reasons: { Reconciling: 'Progressing', GettingDevDB: 'Progressing' },
      }),
    ],
  },
  {
    group: 'clickhouse.altinity.com',
    kinds: ['ClickHouseInstallation'],
    restsOn: '`spec.stop`, `status.status`, `status.error`',
    checks: [
      when(
        (live) => ['yes', 'Yes', 'true', 'True', '1'].includes(textAt(live, 'spec', 'stop')),
        'Suspended',
        'spec.stop is set',
      ),
      word(['status', 'status'], { Completed: 'Healthy', InProgress: 'Progressing', Aborted: 'Degraded' }, [
        'status',
        'error',
      ]),
    ],
  },
];
