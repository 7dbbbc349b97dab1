import { listAt, numberAt, textAt, valueAt } from '../../../object/json/field.ts';
import { condition, idleBy, suspendedBy, suspendedByAnnotation, when, word } from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';
import { perconaStates } from './percona.ts';

/** Phases in which a CloudNativePG cluster waits for people. */
const stuckClusterPhases = [
  'Cluster is unrecoverable and needs manual intervention',
  'Cluster is in an unrecoverable state, needs manual intervention',
  'Cluster cannot proceed to reconciliation due to an unknown plugin being required',
  'Cluster cannot proceed to reconciliation due to an error while interacting with plugins',
  'Cluster has incomplete or invalid image catalog',
  'Cluster cannot execute instance online upgrade due to missing architecture binary',
  'Unable to create required cluster objects',
  'Invalid cluster definition',
  'Not enough disk space',
];

/** PostgreSQL: CloudNativePG, Zalando's, Crunchy's and Percona's operators. */
export const postgres: readonly KindRule[] = [
  {
    group: 'postgresql.cnpg.io',
    kinds: ['Cluster'],
    restsOn:
      'annotations `cnpg.io/hibernation`, `cnpg.io/reconciliationLoop`, `status.phase`, `status.phaseReason`, condition `Ready`',
    fromSpec: [
      suspendedByAnnotation('cnpg.io/hibernation', 'on'),
      suspendedByAnnotation('cnpg.io/reconciliationLoop', 'disabled'),
    ],
    checks: [
      when(
        (live) => stuckClusterPhases.includes(textAt(live, 'status', 'phase')),
        'Degraded',
        (live) => textAt(live, 'status', 'phaseReason') || textAt(live, 'status', 'phase'),
      ),
      when(
        (live) => textAt(live, 'status', 'phase') === 'Waiting for user action',
        'Suspended',
        (live) => textAt(live, 'status', 'phaseReason') || 'Waiting for user action',
      ),
      condition('Ready', { False: 'Progressing', Unknown: 'Progressing' }),
      word(['status', 'phase'], { 'Cluster in healthy state': 'Healthy' }, ['status', 'phaseReason']),
    ],
  },
  {
    group: 'postgresql.cnpg.io',
    kinds: ['Backup'],
    restsOn: '`status.phase`, `status.error`',
    checks: [
      word(
        ['status', 'phase'],
        { completed: 'Healthy', failed: 'Degraded', walArchivingFailing: 'Degraded' },
        ['status', 'error'],
      ),
    ],
  },
  {
    group: 'postgresql.cnpg.io',
    kinds: ['ScheduledBackup'],
    restsOn: '`spec.suspend`, `status.lastCheckTime`, `.lastScheduleTime`, `.nextScheduleTime`',
    fromSpec: [idleBy('spec', 'suspend')],
    checks: [
      when(
        (live) =>
          ['lastCheckTime', 'lastScheduleTime', 'nextScheduleTime'].some(
            (name) => textAt(live, 'status', name) !== '',
          ),
        'Healthy',
      ),
    ],
  },
  {
    group: 'postgresql.cnpg.io',
    kinds: ['Database', 'Publication', 'Subscription'],
    restsOn: '`status.observedGeneration`, `status.applied`, `status.message`',
    checks: [
      when((live) => valueAt(live, 'status', 'applied') === true, 'Healthy'),
      when(
        (live) => valueAt(live, 'status', 'applied') === false,
        'Degraded',
        (live) => textAt(live, 'status', 'message') || 'status.applied is false',
      ),
    ],
  },
  {
    group: 'acid.zalan.do',
    kinds: ['postgresql'],
    restsOn: '`status.PostgresClusterStatus`',
    checks: [
      word(['status', 'PostgresClusterStatus'], {
        Running: 'Healthy',
        Creating: 'Progressing',
        Updating: 'Progressing',
        CreateFailed: 'Degraded',
        UpdateFailed: 'Degraded',
        SyncFailed: 'Degraded',
        Invalid: 'Degraded',
      }),
    ],
  },
  {
    group: 'postgres-operator.crunchydata.com',
    kinds: ['PostgresCluster'],
    restsOn:
      '`spec.shutdown`, `spec.paused`, `status.observedGeneration`, `status.instances[].replicas` and `.readyReplicas`',
    fromSpec: [suspendedBy('spec', 'shutdown'), suspendedBy('spec', 'paused')],
    checks: [
      (live) => {
        const sets = listAt(live, 'status', 'instances');
        if (sets.length === 0) return undefined;
        const short = sets.find(
          (set) => (numberAt(set, 'readyReplicas') ?? 0) < (numberAt(set, 'replicas') ?? 1),
        );
        if (short === undefined) return { status: 'Healthy' };
        return {
          status: 'Progressing',
          message: `instances of set "${textAt(short, 'name')}" are not ready`,
        };
      },
    ],
  },
  {
    group: 'pgv2.percona.com',
    kinds: ['PerconaPGCluster'],
    restsOn: '`status.state`',
    checks: [word(['status', 'state'], perconaStates)],
  },
];
