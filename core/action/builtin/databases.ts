import { KeelsonError } from '../../errors.ts';
import { listAt, textAt } from '../../object/field.ts';
import type { Manifest } from '../../object/manifest.ts';
import type { ActionTable, BuiltinAction } from '../action.ts';
import { withField } from '../change.ts';
import { annotationSwitch, fieldSwitch, pauseResume, stamp, suspendResume } from './switches.ts';

/** As `kubectl cnpg promote`: the operator hands the primary's role to the named instance. */
const promote: BuiltinAction = {
  name: 'promote',
  iconClass: 'fa fa-fw fa-angle-double-up',
  displayName: 'Promote',
  params: (live) => {
    const [first] = replicasOf(live);
    return [{ name: 'instance', ...(first === undefined ? {} : { default: first }) }];
  },
  refuses: (live) => (replicasOf(live).length === 0 ? 'the cluster has no replica' : undefined),
  run(live, { values, now }) {
    const instance = values['instance'] ?? '';
    const replicas = replicasOf(live);
    if (!replicas.includes(instance)) {
      throw new KeelsonError(
        'invalid-argument',
        `instance "${instance}" is not a replica; give one of ${replicas.join(', ')}`,
      );
    }
    const fields: Readonly<Record<string, string>> = {
      targetPrimary: instance,
      // The operator reads microseconds and refuses a time without them.
      targetPrimaryTimestamp: now.replace('Z', '.000000Z'),
      phase: 'Switchover in progress',
      phaseReason: `Switching over to ${instance}`,
    };
    let manifest = live;
    for (const [name, value] of Object.entries(fields))
      manifest = withField(manifest, ['status', name], value);
    return [{ operation: 'patch', manifest }];
  },
};

function replicasOf(live: Manifest): string[] {
  const primary = textAt(live, 'status', 'currentPrimary');
  return listAt(live, 'status', 'instanceNames').filter(
    (name): name is string => typeof name === 'string' && name !== primary,
  );
}

const paused = fieldSwitch(['spec', 'paused'], pauseResume);
const suspended = fieldSwitch(['spec', 'suspend'], suspendResume);
const perconaPause = fieldSwitch(['spec', 'pause'], pauseResume);

/** Databases. */
export const databaseActions: ActionTable = {
  'postgresql.cnpg.io/Cluster': [
    stamp('restart', ['metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt']),
    stamp('reload', ['metadata', 'annotations', 'cnpg.io/reloadedAt']),
    ...annotationSwitch('cnpg.io/hibernation', 'on', suspendResume, 'off'),
    promote,
  ],
  'postgresql.cnpg.io/ScheduledBackup': suspended,
  'postgres-operator.crunchydata.com/PostgresCluster': [
    stamp('restart', ['spec', 'metadata', 'annotations', 'restarted']),
    ...fieldSwitch(['spec', 'shutdown'], { off: 'stop', on: 'start' }),
    ...paused,
  ],
  'psmdb.percona.com/PerconaServerMongoDB': perconaPause,
  'pxc.percona.com/PerconaXtraDBCluster': perconaPause,
  'pgv2.percona.com/PerconaPGCluster': perconaPause,
  'cassandra.datastax.com/CassandraDatacenter': fieldSwitch(['spec', 'stopped'], {
    off: 'stop',
    on: 'start',
  }),
  'k8s.mariadb.com/MariaDB': suspended,
};
