import { KeelsonError } from '../../errors.ts';
import { listAt, textAt } from '../../object/json/field.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import type { ActionTable, BuiltinAction } from '../action.ts';
import { withField } from '../change.ts';
import { annotationSwitch, fieldSwitch, pauseResume, stamp, stopStart, suspendResume } from './switches.ts';

/** As `kubectl cnpg promote`: the operator hands the primary's role to the named instance. */
const promote: BuiltinAction = {
  name: 'promote',
  iconClass: 'fa fa-fw fa-angle-double-up',
  displayName: 'Promote Replica to Primary',
  params: () => [{ name: 'instance', default: anyReplica }],
  refuses: (live) => (replicasOf(live).length === 0 ? 'the cluster has no healthy replica' : undefined),
  run(live, { values, now }) {
    const instance = chosenReplica(live, values['instance'] ?? '');
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

const anyReplica = 'any';

/** Healthy replicas, from the one after the primary on, so that `any` goes round. */
function replicasOf(live: Manifest): string[] {
  const healthy = listAt(live, 'status', 'instancesStatus', 'healthy').filter(
    (name): name is string => typeof name === 'string',
  );
  const primary = healthy.indexOf(textAt(live, 'status', 'currentPrimary'));
  return [...healthy.slice(primary + 1), ...healthy.slice(0, Math.max(primary, 0))];
}

/** The replica that was asked for: `any`, the number of an instance, or its whole name. */
function chosenReplica(live: Manifest, asked: string): string {
  const replicas = replicasOf(live);
  const numbered = `${live.metadata.name}-${asked}`;
  const chosen =
    asked === anyReplica ? replicas[0] : replicas.find((name) => name === asked || name === numbered);
  if (chosen !== undefined) return chosen;
  throw new KeelsonError(
    'invalid-argument',
    `instance "${asked}" is not a healthy replica; give ${[anyReplica, ...replicas].join(', ')} or a number`,
  );
}

/** Operators of PostgreSQL that have more than one switch. */
export const postgresActions: ActionTable = {
  'postgresql.cnpg.io/Cluster': [
    stamp('restart', ['metadata', 'annotations', 'kubectl.kubernetes.io/restartedAt']),
    stamp('reload', ['metadata', 'annotations', 'cnpg.io/reloadedAt']),
    // The operator leaves the cluster alone, and the database serves on.
    ...annotationSwitch('cnpg.io/reconciliationLoop', 'disabled', suspendResume),
    ...annotationSwitch('cnpg.io/hibernation', 'on', { off: 'hibernate', on: 'rehydrate' }, 'off'),
    promote,
  ],
  'postgresql.cnpg.io/ScheduledBackup': fieldSwitch(['spec', 'suspend'], suspendResume),
  'postgres-operator.crunchydata.com/PostgresCluster': [
    stamp('restart', ['spec', 'metadata', 'annotations', 'restarted']),
    ...fieldSwitch(['spec', 'shutdown'], stopStart),
    ...fieldSwitch(['spec', 'paused'], pauseResume),
  ],
};
