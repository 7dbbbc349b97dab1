import { describe, expect, it } from 'vitest';
import type { Manifest } from '../object/manifest.ts';
import { canonicalValues } from './known-types.ts';

const limits = (cpu: string) => ({ containers: [{ name: 'a', resources: { limits: { cpu } } }] });

function objectOf(apiVersion: string, kind: string, spec: object): Manifest {
  return { apiVersion, kind, metadata: { name: 'x' }, spec };
}

describe('core/diff/known-types', () => {
  it.each<[string, string, (cpu: string) => object]>([
    ['v1', 'Pod', limits],
    ['apps/v1', 'StatefulSet', (cpu) => ({ template: { spec: limits(cpu) } })],
    ['batch/v1', 'CronJob', (cpu) => ({ jobTemplate: { spec: { template: { spec: limits(cpu) } } } })],
    ['v1', 'ResourceQuota', (cpu) => ({ hard: { cpu } })],
    ['v1', 'LimitRange', (cpu) => ({ limits: [{ default: { cpu } }] })],
    ['argoproj.io/v1alpha1', 'Rollout', (cpu) => ({ template: { spec: limits(cpu) } })],
  ])('writes the quantities of %s %s as the API server does', (apiVersion, kind, spec) => {
    expect(canonicalValues(objectOf(apiVersion, kind, spec('2000m')))['spec']).toEqual(spec('2'));
  });

  it('leaves a custom resource alone unless its fields are known', () => {
    const custom = objectOf('example.com/v1', 'App', {
      pods: [{ pod: limits('1000m') }],
      wait: '90s',
      size: '1000m',
    });
    expect(canonicalValues(custom)).toEqual(custom);
    const known = canonicalValues(custom, [
      { field: 'spec.pods.pod', type: 'core/v1/PodSpec' },
      { field: 'spec.wait', type: 'meta/v1/Duration' },
      { field: 'spec.size', type: 'no/such/Type' },
    ]);
    expect(known['spec']).toEqual({ pods: [{ pod: limits('1') }], wait: '1m30s', size: '1000m' });
  });
});
