import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { configMap, deployment, yamlOf } from '../support/keelson/applications.ts';
import type { TestChart } from '../support/servers/helm-charts.ts';
import { blockObjects, blockText } from './frame.ts';

const service = (name: string, annotations = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, annotations },
  spec: { clusterIP: 'None', selector: { app: name }, ports: [{ port: 80 }] },
});

/** What the fragments of a block leave out so that the API server takes them: a Deployment's pods, a Service's port. */
function completed({ kind, metadata, ...rest }: Manifest): Manifest {
  const { name = '', annotations = {} } = metadata;
  if (kind === 'Deployment') return deployment(name, 1, annotations);
  if (kind === 'Service') return service(name, annotations);
  return { kind, metadata, ...rest } as Manifest;
}

const overlay = (...objects: Manifest[]) => ({
  'overlays/production/kustomization.yaml': 'resources: [app.yaml]\n',
  'overlays/production/app.yaml': yamlOf(...objects),
});

const withImage = (name: string, image: string): Manifest => {
  const made = deployment(name);
  const spec = made['spec'] as { template: { spec: { containers: { image: string }[] } } };
  for (const container of spec.template.spec.containers) container.image = image;
  return made;
};

const certificate: Manifest = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { name: 'web-tls' },
  spec: { secretName: 'web-tls', dnsNames: ['web.example.com'] },
};

const rollout: Manifest = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'web' },
  spec: { replicas: 1 },
};

const mutatingWebhook: Manifest = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'guide-19-1' },
  webhooks: [
    {
      name: 'guide.example.com',
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      clientConfig: { url: 'https://127.0.0.1:1/none' },
      rules: [
        {
          apiGroups: ['none.example.com'],
          apiVersions: ['v1'],
          operations: ['CREATE'],
          resources: ['nones'],
        },
      ],
    },
  ],
};

const kustomized = (name: string) => ({
  [`manifests/${name}/kustomization.yaml`]: 'resources: [app.yaml]\n',
  [`manifests/${name}/app.yaml`]: yamlOf(configMap(name, { by: 'its parent' })),
});

const [appA] = blockObjects('06.5-3.yaml');
const specA = appA?.['spec'] as { source: { path: string }; destination: object; syncPolicy: object };

/** An application beside that of the block, as that is. */
const beside = (name: string, spec: object): Manifest => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd' },
  spec: { ...specA, destination: { ...specA.destination, namespace: name }, ...spec },
});

const chart = { repoURL: 'https://charts.example.com', chart: 'my-app', targetRevision: '1.5.0' };
const values = {
  repoURL: 'https://github.com/my-org/gitops-repo.git',
  targetRevision: 'main',
  ref: 'values',
};

/** The tree of 6.5: applications, and what they deploy. */
const applications: Readonly<Record<string, string>> = {
  'apps/app-a.yaml': blockText('06.5-3.yaml'),
  'apps/app-b.yaml': yamlOf(beside('app-b', { source: { ...specA.source, path: 'manifests/app-b' } })),
  'apps/monitoring.yaml': yamlOf(
    beside('monitoring-app', {
      source: undefined,
      sources: [{ ...chart, helm: { valueFiles: ['$values/manifests/monitoring/values.yaml'] } }, values],
    }),
  ),
  'apps/cert-manager.yaml': yamlOf(
    beside('cert-manager', { source: { ...chart, helm: { values: 'color: green\nplain: inline\n' } } }),
  ),
  ...kustomized('app-a'),
  ...kustomized('app-b'),
  'manifests/monitoring/values.yaml': 'color: blue\nplain: from a file\n',
};

/** What the repositories of the blocks hold, by their path at github.com. */
export const repositories: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'my-org/my-app-manifests.git': overlay(deployment('my-app', 2), service('my-app-svc')),
  'my-org/my-app.git': overlay(withImage('my-app', 'my-app'), configMap('kept', { a: '1' })),
  'my-org/helm-values.git': {
    'environments/production/values.yaml': 'color: red\nplain: from values\n',
    'environments/production/secrets.yaml': 'color: blue\n',
  },
  'my-org/my-private-repo.git': { 'app.yaml': yamlOf(configMap('private', { a: '1' })) },
  'my-org/waves.git': { 'app.yaml': yamlOf(...blockObjects('08.3-1.yaml').map(completed)) },
  'my-org/hook.git': {
    'app.yaml': yamlOf(configMap('after', { a: '1' }), ...blockObjects('08.3-2.yaml')),
  },
  'my-org/certificates.git': { 'app.yaml': yamlOf(certificate) },
  'my-org/rollouts.git': { 'app.yaml': yamlOf(rollout) },
  'my-org/excluded.git': {
    'app.yaml': yamlOf(configMap('kept', { a: '1' }), {
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name: 'nightly' },
      spec: {},
    }),
  },
  'my-org/webhooks.git': { 'app.yaml': yamlOf(mutatingWebhook, deployment('scaled')) },
  'my-org/gitops-repo.git': {
    ...applications,
    'apps/my-app/overlays/production/kustomization.yaml': 'resources: [app.yaml]\n',
    'apps/my-app/overlays/production/app.yaml': yamlOf(withImage('my-app', 'my-app')),
  },
};

/** The charts of charts.example.com. */
export const charts: readonly TestChart[] = [
  {
    name: 'my-app',
    version: '1.5.0',
    files: {
      'templates/telling.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: my-app}\ndata: {color: {{ .Values.color }}, plain: {{ .Values.plain }}}\n',
    },
  },
  {
    name: 'my-chart',
    version: '1.0.0',
    files: {
      'values-production.yaml': 'environment: production\n',
      'templates/telling.yaml': [
        'apiVersion: v1',
        'kind: ConfigMap',
        'metadata: {name: "{{ .Release.Name }}"}',
        'data:',
        '  environment: {{ .Values.environment }}',
        '  replicas: {{ .Values.replicaCount | quote }}',
        '  memory: {{ .Values.resources.requests.memory }}',
        '  service: {{ .Values.service.type }}',
        '',
      ].join('\n'),
    },
  },
];

/** A small one under the name and version of the large one. */
export const stack: TestChart = {
  name: 'kube-prometheus-stack',
  version: '65.1.0',
  files: {
    'crds/monitors.yaml': [
      'apiVersion: apiextensions.k8s.io/v1',
      'kind: CustomResourceDefinition',
      'metadata: {name: guidemonitors.monitoring.example.com}',
      'spec:',
      '  group: monitoring.example.com',
      '  scope: Namespaced',
      '  names: {kind: GuideMonitor, listKind: GuideMonitorList, plural: guidemonitors, singular: guidemonitor}',
      '  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]',
      '',
    ].join('\n'),
    'templates/telling.yaml': [
      'apiVersion: v1',
      'kind: ConfigMap',
      'metadata: {name: "{{ .Release.Name }}-grafana"}',
      'data:',
      '  replicas: {{ .Values.grafana.replicas | quote }}',
      '  host: {{ first .Values.grafana.ingress.hosts }}',
      '  retention: {{ .Values.prometheus.prometheusSpec.retention }}',
      '  storage: {{ .Values.prometheus.prometheusSpec.storageSpec.volumeClaimTemplate.spec.resources.requests.storage }}',
      '  alerts: {{ .Values.alertmanager.alertmanagerSpec.retention }}',
      '',
    ].join('\n'),
  },
};
