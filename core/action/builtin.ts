import { groupOf, type Manifest } from '../object/manifest/manifest.ts';
import type { ActionTable, BuiltinAction } from './action.ts';
import { appsActions } from './builtin/apps.ts';
import { argoprojActions } from './builtin/argoproj.ts';
import { batchActions } from './builtin/batch.ts';
import { clusterActions } from './builtin/clusters.ts';
import { databaseActions } from './builtin/databases.ts';
import { crossplaneActions, fluxActions, managedActionsOf } from './builtin/gitops.ts';
import { messagingActions } from './builtin/messaging.ts';
import { numaprojActions } from './builtin/numaproj.ts';
import { postgresActions } from './builtin/postgres.ts';
import { rolloutActions } from './builtin/rollouts.ts';
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
  ...numaprojActions,
  ...postgresActions,
  ...rolloutActions,
  ...secretActions,
};

/** The built-in actions of an object's kind. */
export function builtinActionsOf(live: Manifest): readonly BuiltinAction[] {
  const group = groupOf(live.apiVersion);
  return builtinActions[`${group}/${live.kind}`] ?? managedActionsOf(group, live.kind);
}

/** The built-in action of an object's kind that answers to a name, its own or another. */
export function builtinActionOf(live: Manifest, name: string): BuiltinAction | undefined {
  return builtinActionsOf(live).find((action) => namesOf(action).includes(name));
}

/** Every name that an action is run by, its own first. */
export function namesOf({ name, aliases = [] }: BuiltinAction): readonly string[] {
  return [name, ...aliases];
}
