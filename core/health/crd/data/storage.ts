import { textAt, valueAt } from '../../../object/json/field.ts';
import { condition, falseFails, idleBy, when, word } from '../../check.ts';
import type { KindRule } from '../../kind-rule.ts';

const availability = { Available: 'Healthy', Unavailable: 'Degraded' } as const;

/** Phases of Velero's backups and restores; all others are steps on the way. */
const veleroPhases = {
  Completed: 'Healthy',
  FailedValidation: 'Degraded',
  PartiallyFailed: 'Degraded',
  Failed: 'Degraded',
} as const;

/** States, in MinIO's own sentences, that last until a person changes something. */
const minioFailures = {
  'Statefulset not controlled by operator': 'Degraded',
  'Another MinIO Tenant already exists in the namespace': 'Degraded',
  'Tenant credentials are not set properly': 'Degraded',
  'Different versions across MinIO Pools': 'Degraded',
  'Pool Decommissioning Not Allowed': 'Degraded',
} as const;

/** Volumes, object stores and backups. */
export const storage: readonly KindRule[] = [
  {
    group: 'velero.io',
    kinds: ['Backup', 'Restore'],
    restsOn: '`status.phase`, `status.failureReason`',
    checks: [word(['status', 'phase'], veleroPhases, ['status', 'failureReason'])],
  },
  {
    group: 'velero.io',
    kinds: ['Schedule'],
    restsOn: '`spec.paused`, `status.phase`',
    fromSpec: [idleBy('spec', 'paused')],
    checks: [
      word(['status', 'phase'], { Enabled: 'Healthy', New: 'Progressing', FailedValidation: 'Degraded' }),
    ],
  },
  {
    group: 'velero.io',
    kinds: ['BackupStorageLocation', 'VolumeSnapshotLocation'],
    restsOn: '`status.phase`, `status.message`',
    checks: [word(['status', 'phase'], availability)],
  },
  {
    group: 'longhorn.io',
    kinds: ['Volume'],
    restsOn: '`status.robustness`, `status.state`',
    checks: [
      when(
        (live) => textAt(live, 'status', 'robustness') === 'faulted',
        'Degraded',
        'all replicas have failed',
      ),
      when(
        (live) => textAt(live, 'status', 'robustness') === 'degraded',
        'Degraded',
        'some replicas have failed',
      ),
      // A volume that nobody uses is detached, and its robustness unknown.
      word(['status', 'state'], { attached: 'Healthy', detached: 'Healthy' }),
    ],
  },
  {
    group: 'longhorn.io',
    kinds: ['Node'],
    restsOn: 'conditions `Ready`, `Schedulable`',
    checks: [condition('Ready', falseFails)],
  },
  {
    group: 'ceph.rook.io',
    kinds: ['CephCluster'],
    restsOn: '`status.phase`, `status.ceph.health`, `status.message`',
    checks: [
      when(
        (live) => textAt(live, 'status', 'ceph', 'health') === 'HEALTH_ERR',
        'Degraded',
        'status.ceph.health is "HEALTH_ERR"',
      ),
      // A warning of Ceph is often one for months, so it is told and not held against the cluster.
      when(
        (live) =>
          ['Ready', ''].includes(textAt(live, 'status', 'phase')) &&
          textAt(live, 'status', 'ceph', 'health') === 'HEALTH_WARN',
        'Healthy',
        'status.ceph.health is "HEALTH_WARN"',
      ),
      word(['status', 'phase'], { Ready: 'Healthy', Connected: 'Healthy', Failure: 'Degraded' }),
    ],
  },
  {
    group: 'ceph.rook.io',
    kinds: ['CephBlockPool', 'CephFilesystem', 'CephObjectStore', 'CephObjectStoreUser'],
    restsOn: '`status.observedGeneration`, `status.phase`',
    checks: [
      word(['status', 'phase'], {
        Ready: 'Healthy',
        Connected: 'Healthy',
        Failure: 'Degraded',
      }),
    ],
  },
  {
    group: 'snapshot.storage.k8s.io',
    kinds: ['VolumeSnapshot', 'VolumeSnapshotContent'],
    restsOn: '`status.error.message`, `status.readyToUse`',
    checks: [
      when(
        (live) =>
          valueAt(live, 'status', 'readyToUse') !== true && valueAt(live, 'status', 'error') !== undefined,
        'Degraded',
        (live) => textAt(live, 'status', 'error', 'message'),
      ),
      when((live) => valueAt(live, 'status', 'readyToUse') === true, 'Healthy'),
    ],
  },
  {
    group: 'minio.min.io',
    kinds: ['Tenant'],
    restsOn: '`status.currentState`, `status.healthStatus`',
    checks: [
      when(
        (live) => textAt(live, 'status', 'healthStatus') === 'red',
        'Degraded',
        'status.healthStatus is "red"',
      ),
      word(['status', 'currentState'], { Initialized: 'Healthy', ...minioFailures }),
    ],
  },
];
