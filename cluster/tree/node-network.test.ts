import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { nodeNetwork } from './node-network.ts';

function ingress(
  spec: object,
  more: { annotations?: Record<string, string>; status?: object } = {},
): Manifest {
  const { annotations = {}, status = {} } = more;
  const metadata = { name: 'web', namespace: 'ns', annotations };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec, status };
}

const backend = { service: { name: 'web', port: { number: 80 } } };
const rule = {
  host: 'shop.test',
  http: {
    paths: [
      { path: '/a*', backend },
      { path: '/b', backend },
    ],
  },
};

describe('cluster/node-network', () => {
  it('draws a service to the pods it selects and from its load balancer', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' } },
      status: { loadBalancer: { ingress: [{ ip: '10.1.2.3' }] } },
    };
    expect(nodeNetwork(service)).toEqual({ targetLabels: { app: 'web' }, ingress: [{ ip: '10.1.2.3' }] });
  });

  it('draws an ingress to its services and gives its addresses', () => {
    expect(nodeNetwork(ingress({ rules: [rule] }))).toEqual({
      targetRefs: [{ group: '', kind: 'Service', namespace: 'ns', name: 'web' }],
      externalURLs: ['http://shop.test/a', 'http://shop.test/b'],
    });
  });

  it.each([
    ['https where TLS covers the host', { rules: [rule], tls: [{ hosts: ['shop.test'] }] }],
    ['https where TLS has a certificate', { rules: [rule], tls: [{ secretName: 's' }] }],
  ])('speaks %s', (_, spec) => {
    expect(nodeNetwork(ingress(spec))?.externalURLs?.[0]).toBe('https://shop.test/a');
  });

  it('uses the address of the load balancer for rules without a host', () => {
    const status = { loadBalancer: { ingress: [{ hostname: 'lb.test' }] } };
    const spec = { rules: [{ http: { paths: [{ path: '/', backend }] } }] };
    expect(nodeNetwork(ingress(spec, { status }))?.externalURLs).toEqual(['http://lb.test/']);
  });

  it('shows links from annotations, alone when the others are to be ignored', () => {
    const annotations = {
      'link.argocd.argoproj.io/docs': 'https://docs.test',
      'argocd.argoproj.io/ignore-default-links': 'true',
    };
    expect(nodeNetwork(ingress({ rules: [rule] }, { annotations }))?.externalURLs).toEqual([
      'https://docs.test',
    ]);
  });

  it('leaves other kinds out', () => {
    expect(nodeNetwork({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } })).toBeUndefined();
  });
});
