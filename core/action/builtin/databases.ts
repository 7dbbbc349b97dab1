import type { ActionTable } from '../action.ts';
import { fieldSwitch, stopStart, suspendResume } from './switches.ts';

/** Percona calls it a pause and stops the cluster: it is named here after what it does, and answers to both. */
const perconaStop = fieldSwitch(['spec', 'pause'], {
  ...stopStart,
  aliases: { off: ['pause'], on: ['resume', 'unpause'] },
});

/** Databases. */
export const databaseActions: ActionTable = {
  'psmdb.percona.com/PerconaServerMongoDB': perconaStop,
  'pxc.percona.com/PerconaXtraDBCluster': perconaStop,
  'pgv2.percona.com/PerconaPGCluster': perconaStop,
  'cassandra.datastax.com/CassandraDatacenter': fieldSwitch(['spec', 'stopped'], stopStart),
  // Its operator alone is suspended; the servers run on.
  'k8s.mariadb.com/MariaDB': fieldSwitch(['spec', 'suspend'], suspendResume),
};
