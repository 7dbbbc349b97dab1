import { conditionOf, listAt, textAt } from '../../object/json/field.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { observed } from '../check.ts';
import { health, type ObjectHealth } from '../health.ts';

/**
 * A CustomResourceDefinition is healthy once its API is served. Accepted names that are still being installed are
 * on their way: every new definition passes through that, and a wave must not fail on it.
 */
export function assessDefinition(live: Manifest): ObjectHealth {
  const stale = observed(live);
  if (stale !== undefined) return stale;
  if (listAt(live, 'status', 'conditions').length === 0) {
    return health('Progressing', 'waiting for the status of the CustomResourceDefinition');
  }
  const says = (type: string, status: string) => textAt(conditionOf(live, type), 'status') === status;
  const message = (type: string) => textAt(conditionOf(live, type), 'message');
  if (says('Terminating', 'True')) return health('Progressing', `terminating: ${message('Terminating')}`);
  if (says('NamesAccepted', 'False')) {
    return health('Degraded', `its names are not accepted: ${message('NamesAccepted')}`);
  }
  if (!says('Established', 'True')) {
    const installing = textAt(conditionOf(live, 'Established'), 'reason') === 'Installing';
    return health(installing ? 'Progressing' : 'Degraded', 'it is not established');
  }
  if (says('NonStructuralSchema', 'True')) {
    return health('Degraded', `its schema has violations: ${message('NonStructuralSchema')}`);
  }
  return health('Healthy');
}
