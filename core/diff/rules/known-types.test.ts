import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
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

  it('writes the quantities of init and ephemeral containers too', () => {
    const containers = (cpu: string) => {
      const [container] = limits(cpu).containers;
      return { initContainers: [container], ephemeralContainers: [container] };
    };
    const pod = canonicalValues(objectOf('v1', 'Pod', containers('1000m')));
    expect(pod['spec']).toEqual(containers('1'));
  });

  it.each<[string, (quantity: string) => unknown]>([
    ['core/v1/Container', (cpu) => limits(cpu).containers],
    ['core/v1/EnvVar', (divisor) => [{ name: 'CPU', valueFrom: { resourceFieldRef: { divisor } } }]],
    ['core/v1/Volume', (sizeLimit) => [{ name: 'tmp', emptyDir: { sizeLimit } }]],
    ['core/v1/VolumeSource', (divisor) => ({ downwardAPI: { items: [{ resourceFieldRef: { divisor } }] } })],
    ['core/v1/PersistentVolumeClaimTemplate', (cpu) => ({ spec: { resources: { requests: { cpu } } } })],
    ['core/v1/LimitRangeItem', (cpu) => [{ maxLimitRequestRatio: { cpu } }]],
    ['core/v1/ResourceQuotaSpec', (cpu) => ({ hard: { cpu } })],
    ['core/Quantity', (cpu) => [cpu, cpu]],
  ])('writes the quantities of a field, or of each element of a list, of type %s', (type, value) => {
    const custom = (quantity: string) => objectOf('example.com/v1', 'App', { part: value(quantity) });
    const known = [{ field: 'spec.part', type }];
    expect(canonicalValues(custom('2000m'), known)).toEqual(custom('2'));
    expect(canonicalValues(custom('2'), known)).toEqual(custom('2'));
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

  it('takes base64 of any line length', () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'QUJD\r\nREVG' } };
    expect(canonicalValues(secret)['data']).toEqual({ a: 'QUJDREVG' });
    const more = { binaryData: { a: 'QUJD\n' }, data: { a: 'QUJD\n' } };
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, ...more };
    expect(canonicalValues(map)).toMatchObject({ binaryData: { a: 'QUJD' }, data: { a: 'QUJD\n' } });
    const service = objectOf('apiregistration.k8s.io/v1', 'APIService', { caBundle: 'QUJD\nREVG\n' });
    expect(canonicalValues(service)['spec']).toEqual({ caBundle: 'QUJDREVG' });
  });
});
