import type { HealthStatus } from '../../application/words.ts';
import { textAt, valueAt } from '../../object/json/field.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { ownField } from '../../own-field.ts';
import { health, type ObjectHealth } from '../health.ts';

const claimPhases: Readonly<Record<string, HealthStatus>> = {
  Bound: 'Healthy',
  Pending: 'Progressing',
  Lost: 'Degraded',
};

/** A claim is healthy once it is bound to a volume. */
export function assessPersistentVolumeClaim(live: Manifest): ObjectHealth {
  const phase = textAt(live, 'status', 'phase');
  return health(ownField(claimPhases, phase) ?? 'Unknown', phase === 'Pending' ? pendingReason(live) : '');
}

/** What a claim waits for, as far as it says itself; why it doesn't come is in the claim's events. */
function pendingReason(live: Manifest): string {
  const volume = textAt(live, 'spec', 'volumeName');
  if (volume !== '') return `waits to be bound to volume ${volume}`;
  const name = valueAt(live, 'spec', 'storageClassName');
  const storageClass =
    typeof name !== 'string'
      ? 'the default storage class'
      : name === ''
        ? 'no storage class'
        : `storage class ${name}`;
  const { annotations = {} } = live.metadata;
  const maker =
    annotations['volume.kubernetes.io/storage-provisioner'] ??
    annotations['volume.beta.kubernetes.io/storage-provisioner'];
  return `waits for a volume of ${storageClass}${maker === undefined ? '' : `, which ${maker} makes`}`;
}
