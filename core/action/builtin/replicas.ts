import { KeelsonError } from '../../errors.ts';
import type { ActionContext } from '../action.ts';

/** The number of replicas that an action was given; throws `invalid-argument` when it is none. */
export function readReplicas({ values }: ActionContext): number {
  const given = values['replicas'] ?? '';
  const replicas = Number(given);
  if (given.trim() !== '' && Number.isInteger(replicas) && replicas >= 0 && replicas <= 2_147_483_647) {
    return replicas;
  }
  throw new KeelsonError(
    'invalid-argument',
    `replicas "${given}" is not a whole number from 0; give one, for example replicas=3`,
  );
}
