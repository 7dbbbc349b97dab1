import type { KustomizeSource } from '../../core/application/source/source-spec.ts';
import type { PublicModule } from './obtain.ts';

/** One chart or kustomization of a module. */
export type ParityCase = {
  /** From the module's root. */
  readonly path: string;
  readonly chart: boolean;
  /** Tells cases of the same path apart. */
  readonly variant?: string;
  /** Values of a chart; its own when absent. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Options of a kustomization, and what comes to the same with `kustomize edit`. */
  readonly kustomize?: KustomizeSource;
  readonly edits?: readonly (readonly string[])[];
};

type Module = PublicModule & { readonly cases: readonly ParityCase[] };

const chart = (path: string, more: Omit<ParityCase, 'path' | 'chart'> = {}): ParityCase => ({
  path,
  chart: true,
  ...more,
});
const kustomization = (path: string, more: Omit<ParityCase, 'path' | 'chart'> = {}): ParityCase => ({
  path,
  chart: false,
  ...more,
});

/** Public charts and kustomizations that need nothing beside their own module. */
export const modules: readonly Module[] = [
  {
    name: 'k8s.io/ingress-nginx',
    version: 'v0.0.0-20240708192948-52c50467d67d',
    digest: 'h1:tZui5g6S4GO1hxLm6yrEoIXLkl4QfeGytlmZqZ+DmdQ=',
    cases: [
      chart('charts/ingress-nginx'),
      chart('charts/ingress-nginx', {
        variant: 'autoscaled, with metrics',
        values: {
          controller: {
            kind: 'Both',
            autoscaling: { enabled: true, maxReplicas: 5 },
            metrics: { enabled: true, serviceMonitor: { enabled: true } },
            config: { 'use-forwarded-headers': 'true', 'proxy-body-size': '010' },
          },
          tcp: { '8080': 'default/example:9000' },
        },
      }),
      kustomization('deploy/prometheus'),
      kustomization('deploy/grafana'),
      kustomization('deploy/static/provider/aws/nlb-with-tls-termination'),
    ],
  },
  {
    name: 'sigs.k8s.io/metrics-server',
    version: 'v0.9.0',
    digest: 'h1:nlqqZ2H0Xfko8eJC/1qaNVVT17hu4rxndkOi22KTZ4w=',
    cases: [
      chart('charts/metrics-server'),
      chart('charts/metrics-server', {
        variant: 'with a certificate of its own',
        values: { tls: { type: 'helm' } },
      }),
      kustomization('manifests/overlays/release'),
      kustomization('manifests/overlays/release-ha-1.21+'),
      kustomization('manifests/overlays/test-ha'),
      kustomization('manifests/overlays/release', {
        variant: 'edited',
        kustomize: {
          namePrefix: 'team-',
          nameSuffix: '-blue',
          namespace: 'monitoring',
          images: ['registry.k8s.io/metrics-server/metrics-server=mirror.example.com/metrics:v9'],
          replicas: [{ name: 'metrics-server', count: 3 }],
          commonAnnotations: { 'example.com/owner': 'platform' },
        },
        edits: [
          ['set', 'nameprefix', 'team-'],
          ['set', 'namesuffix', '--', '-blue'],
          ['set', 'namespace', 'monitoring'],
          ['set', 'image', 'registry.k8s.io/metrics-server/metrics-server=mirror.example.com/metrics:v9'],
          ['set', 'replicas', 'metrics-server=3'],
          ['add', 'annotation', 'example.com/owner:platform'],
        ],
      }),
    ],
  },
  {
    name: 'sigs.k8s.io/descheduler',
    version: 'v0.36.0',
    digest: 'h1:fBemfJD1RhmbsdH94lKwGMOwQcbsrw67A5IK2c2fANA=',
    cases: [
      chart('charts/descheduler'),
      kustomization('kubernetes/cronjob'),
      kustomization('kubernetes/deployment'),
      kustomization('kubernetes/job'),
    ],
  },
  {
    name: 'sigs.k8s.io/external-dns',
    version: 'v0.23.0',
    digest: 'h1:35KyAZtLN8o5nIE0aPKfyhILbf5HHkKPJby/4FowPJM=',
    cases: [
      chart('charts/external-dns', { values: { policy: 'upsert-only' } }),
      kustomization('kustomize', {
        variant: 'edited',
        kustomize: {
          commonLabels: { team: 'network' },
          images: ['registry.k8s.io/external-dns/external-dns:v0.0.1'],
        },
        edits: [
          ['add', 'label', 'team:network'],
          ['set', 'image', 'registry.k8s.io/external-dns/external-dns:v0.0.1'],
        ],
      }),
    ],
  },
  {
    name: 'sigs.k8s.io/cluster-api',
    version: 'v1.14.2',
    digest: 'h1:o3GFNaeNFAOEEMpDPfhCK+2CjmV6gtQ8yLEcUwCg7bA=',
    cases: [
      kustomization('core/config/default'),
      kustomization('bootstrap/kubeadm/config/default'),
      kustomization('controlplane/kubeadm/config/default'),
    ],
  },
  {
    name: 'github.com/cert-manager/cert-manager',
    version: 'v1.21.2',
    digest: 'h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=',
    cases: [
      chart('deploy/charts/cert-manager'),
      chart('deploy/charts/cert-manager', {
        variant: 'with definitions',
        values: { crds: { enabled: true }, prometheus: { servicemonitor: { enabled: true } } },
      }),
    ],
  },
  {
    name: 'github.com/kyverno/kyverno',
    version: 'v1.19.1',
    digest: 'h1:/MkgFii3/VlQfKR1JpC9tVwNNVNQTt2S4U6qCsafsTU=',
    cases: [chart('charts/kyverno-policies')],
  },
  {
    name: 'github.com/open-policy-agent/gatekeeper/v3',
    version: 'v3.23.1',
    digest: 'h1:njHTm0SJ6ZEhhEgmQTpJKTGQbc99fSs4hGiEp1OIKck=',
    cases: [chart('charts/gatekeeper'), kustomization('config/default')],
  },
  {
    name: 'istio.io/istio',
    version: 'v0.0.0-20260827124520-eed52ebb66ad',
    digest: 'h1:ui9TJjRMAV/hb5ehQaZDq7IUGxuQP6dra9lapT/VjHI=',
    cases: [
      chart('manifests/charts/base'),
      chart('manifests/charts/istio-control/istio-discovery'),
      chart('manifests/charts/istio-cni'),
      chart('manifests/charts/ztunnel'),
      chart('manifests/charts/gateway'),
      chart('manifests/charts/gateways/istio-ingress'),
    ],
  },
  {
    name: 'github.com/kedacore/keda/v2',
    version: 'v2.21.0',
    digest: 'h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=',
    cases: [kustomization('config/default'), kustomization('config/samples')],
  },
  {
    name: 'github.com/argoproj/argo-rollouts',
    version: 'v1.10.2',
    digest: 'h1:sEPWsY+HUvnXj3Vh0ejb+GDTceQ/palqhFo2FVQJMk0=',
    cases: [
      kustomization('manifests/cluster-install'),
      kustomization('manifests/namespace-install'),
      kustomization('manifests/dashboard-install'),
      kustomization('manifests/notifications'),
      chart('examples/helm-blue-green'),
    ],
  },
  {
    name: 'github.com/external-secrets/external-secrets',
    version: 'v1.3.2',
    digest: 'h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=',
    cases: [kustomization('config/crds/bases')],
  },
  {
    name: 'github.com/fluxcd/flux2/v2',
    version: 'v2.9.5',
    digest: 'h1:jwCccxvkD+2QnsjN+pl5QqM8KnFUwA8pIoQ1Lf0avkA=',
    cases: [kustomization('manifests/rbac'), kustomization('manifests/policies')],
  },
];
