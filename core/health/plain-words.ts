import { conditionOf, listAt, textAt, valueAt } from '../object/json/field.ts';
import { condition, falseWaits, type HealthCheck, saysFailure } from './check.ts';
import { health } from './health.ts';

const words = ['phase', 'state', 'status'];
const errors = ['error', 'errorMessage', 'failureMessage'];
const failureConditions = ['Failed', 'Failure', 'Error', 'ReconcileError', 'Stalled', 'Degraded'];

/** A failure that a status tells in a form that many kinds share. */
export const plainFailure: HealthCheck = (live) => {
  const failed = listAt(live, 'status', 'conditions').find(
    (found) => failureConditions.includes(textAt(found, 'type')) && textAt(found, 'status') === 'True',
  );
  if (failed !== undefined) return health('Degraded', textAt(failed, 'message') || textAt(failed, 'type'));
  const error = errors
    .map((name) => textAt(live, 'status', name))
    .find((text) => !['', 'None'].includes(text));
  if (error !== undefined) return health('Degraded', error);
  const word = words.find((name) => saysFailure(textAt(live, 'status', name)));
  if (word === undefined) return undefined;
  const message = textAt(live, 'status', 'message');
  return health('Degraded', message || `status.${word} is "${textAt(live, 'status', word)}"`);
};

/**
 * What a status says in words that mean the same everywhere. It is asked last, of objects that have none of the fields
 * of their rule: other releases of an operator write others, and a wave must not wait for ever for what they said.
 */
export const plainWords: HealthCheck = (live) => {
  const failed = plainFailure(live);
  if (failed !== undefined) return failed;
  const summary = ['Ready', 'Available'].find((type) => conditionOf(live, type) !== undefined);
  if (summary !== undefined) return condition(summary, falseWaits)(live);
  return valueAt(live, 'status', 'ready') === true ? health('Healthy') : undefined;
};
