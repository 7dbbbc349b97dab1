import { describeError } from '../../../core/errors.ts';
import { type HealthAssessor, health } from '../../../core/health/health.ts';
import { storableText } from '../../../core/text/storable-text.ts';

/**
 * An assessor that answers for every object, whatever stands in it: an object that a rule can't digest costs only itself,
 * and what an object's status says of it can be stored.
 */
export function assessSafely(assess: HealthAssessor): HealthAssessor {
  return (live) => {
    try {
      const found = assess(live);
      return found?.message === undefined ? found : { ...found, message: storableText(found.message) };
    } catch (error) {
      return health('Unknown', `its health could not be told: ${describeError(error)}`);
    }
  };
}
