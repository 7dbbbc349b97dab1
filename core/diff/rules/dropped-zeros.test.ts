import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { withoutDroppedZeros } from './dropped-zeros.ts';

function objectOf(apiVersion: string, kind: string, spec: object): Manifest {
  return { apiVersion, kind, metadata: { name: 'x' }, spec };
}

describe('core/diff/dropped-zeros', () => {
  it.each<[string, string, string, object, object]>([
    [
      'an empty variable',
      'v1',
      'Pod',
      { containers: [{ env: [{ name: 'A', value: '' }] }] },
      { containers: [{ env: [{ name: 'A' }] }] },
    ],
    [
      'a delay of none',
      'v1',
      'Pod',
      { initContainers: [{ livenessProbe: { initialDelaySeconds: 0, periodSeconds: 5 } }] },
      { initContainers: [{ livenessProbe: { periodSeconds: 5 } }] },
    ],
    [
      'what is turned off by default',
      'apps/v1',
      'Deployment',
      { paused: false, template: { spec: { hostNetwork: false } } },
      { template: { spec: {} } },
    ],
    [
      'a port without a name',
      'v1',
      'Service',
      { ports: [{ port: 80, name: '' }] },
      { ports: [{ port: 80 }] },
    ],
  ])('leaves out %s', (_name, apiVersion, kind, spec, expected) => {
    expect(withoutDroppedZeros(objectOf(apiVersion, kind, spec))['spec']).toEqual(expected);
  });

  it('keeps zeros that mean something, those of data, and those of custom resources', () => {
    const pod = { containers: [{ securityContext: { runAsUser: 0 } }], automountServiceAccountToken: false };
    const workload = { replicas: 0, revisionHistoryLimit: 0 };
    const custom = { env: [{ name: 'A', value: '' }], paused: false };
    for (const kept of [
      objectOf('v1', 'Pod', pod),
      objectOf('apps/v1', 'Deployment', workload),
      objectOf('example.com/v1', 'App', custom),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { value: '' } },
    ]) {
      expect(withoutDroppedZeros(kept)).toEqual(kept);
    }
  });
});
