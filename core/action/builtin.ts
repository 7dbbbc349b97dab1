import { groupOf, type Manifest } from '../object/manifest.ts';
import type { ActionTable, BuiltinAction } from './action.ts';
import { appsActions } from './builtin/apps.ts';
import { argoprojActions } from './builtin/argoproj.ts';
import { batchActions } from './builtin/batch.ts';
import { clusterActions } from './builtin/clusters.ts';
import { databaseActions } from './builtin/databases.ts';
import { crossplaneActions, fluxActions, managedActionsOf } from './builtin/gitops.ts';
import { messagingActions } from './builtin/messaging.ts';
import { secretActions } from './builtin/secrets.ts';

/** Every table of built-in actions; a kind stands in one of them. */
export const builtinActions: ActionTable = {
  ...appsActions,
  ...argoprojActions,
  ...batchActions,
  ...clusterActions,
  ...crossplaneActions,
  ...databaseActions,
  ...fluxActions,
  ...messagingActions,
  ...secretActions,
};

/** The built-in actions of an object's kind. */
export function builtinActionsOf(live: Manifest): readonly BuiltinAction[] {
  const group = groupOf(live.apiVersion);
  return builtinActions[`${group}/${live.kind}`] ?? managedActionsOf(group, live.kind);
}
