import type { HealthStatus } from '../application/status.ts';
import { textAt } from '../object/field.ts';
import type { Manifest } from '../object/manifest.ts';
import { listed } from './check.ts';
import { health, type ObjectHealth } from './health.ts';

const claimPhases: Readonly<Record<string, HealthStatus>> = {
  Bound: 'Healthy',
  Pending: 'Progressing',
  Lost: 'Degraded',
};

/** A claim is healthy once it is bound to a volume. */
export function assessPersistentVolumeClaim(live: Manifest): ObjectHealth {
  return health(listed(claimPhases, textAt(live, 'status', 'phase')) ?? 'Unknown');
}
