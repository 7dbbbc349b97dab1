import { describe, expect, it } from 'vitest';
import { assessHealth } from '../../assess.ts';

/** An object of CloudNativePG that is in a phase though its instances answer. */
function clusterIn(phase: string) {
  return assessHealth({
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: { name: 'db', namespace: 'prod' },
    status: { phase, conditions: [{ type: 'Ready', status: 'True' }] },
  });
}

describe('core/health/crd/data/postgres', () => {
  it.each([
    'Cluster is unrecoverable and needs manual intervention',
    'Cluster is in an unrecoverable state, needs manual intervention',
    'Cluster cannot proceed to reconciliation due to an unknown plugin being required',
    'Cluster cannot proceed to reconciliation due to an error while interacting with plugins',
    'Cluster has incomplete or invalid image catalog',
    'Cluster cannot execute instance online upgrade due to missing architecture binary',
    'Unable to create required cluster objects',
    'Not enough disk space',
  ])('is degraded in the phase "%s", which waits for people', (phase) => {
    expect(clusterIn(phase)).toEqual({ status: 'Degraded', message: phase });
  });

  it.each([
    'Setting up primary',
    'Creating a new replica',
    'Upgrading cluster',
    'Failing over',
    'Switchover in progress',
    'Primary instance is being restarted in-place',
    'Applying configuration',
  ])('is on its way in the phase "%s"', (phase) => {
    expect(clusterIn(phase)).toMatchObject({ status: 'Progressing' });
  });
});
