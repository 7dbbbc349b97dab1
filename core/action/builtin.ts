import { groupOf, type Manifest } from '../object/manifest.ts';
import type { ActionTable, BuiltinAction } from './action.ts';
import { appsActions } from './builtin/apps.ts';
import { argoprojActions } from './builtin/argoproj.ts';
import { batchActions } from './builtin/batch.ts';

/** Every table of built-in actions; a kind stands in one of them. */
const tables: ActionTable = { ...appsActions, ...batchActions, ...argoprojActions };

/** The built-in actions of an object's kind. */
export function builtinActionsOf(live: Manifest): readonly BuiltinAction[] {
  return tables[`${groupOf(live.apiVersion)}/${live.kind}`] ?? [];
}
