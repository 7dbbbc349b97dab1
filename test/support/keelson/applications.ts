import { stringify } from 'yaml';
import type { Application } from '../../../core/application/spec/spec.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';

/** What a test's application differs in from the plainest one. */
export type ApplicationShape = {
  readonly name: string;
  readonly repoURL: string;
  readonly path?: string;
  readonly namespace: string;
  readonly project?: string;
  readonly targetRevision?: string;
  readonly server?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly source?: Readonly<Record<string, unknown>>;
  readonly syncPolicy?: Readonly<Record<string, unknown>>;
};

/** An Application object that syncs `path` of a repository to a namespace of the home cluster. */
export function applicationOf(shape: ApplicationShape): Application {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: shape.name,
      ...(shape.annotations === undefined ? {} : { annotations: { ...shape.annotations } }),
    },
    spec: {
      project: shape.project ?? 'default',
      source: {
        repoURL: shape.repoURL,
        path: shape.path ?? '.',
        targetRevision: shape.targetRevision ?? 'main',
        ...shape.source,
      },
      destination: { server: shape.server ?? 'https://kubernetes.default.svc', namespace: shape.namespace },
      syncPolicy: { syncOptions: ['CreateNamespace=true'], ...shape.syncPolicy },
    },
  };
}

/** Manifests as the text of one YAML file. */
export function yamlOf(...manifests: readonly object[]): string {
  return manifests.map((manifest) => stringify(manifest)).join('---\n');
}

export function configMap(name: string, data: Record<string, string>, annotations = {}): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations }, data };
}

export function deployment(name: string, replicas = 1, annotations = {}): Manifest {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, annotations },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] },
      },
    },
  };
}

/** A Job; `pod` are annotations or labels that the simulated nodes obey. */
export function job(name: string, annotations: Record<string, string>, pod: object = {}): Manifest {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, annotations },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: pod,
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }],
        },
      },
    },
  };
}

/** A Job that runs as a hook. */
export function hookJob(
  name: string,
  phase: string,
  extra: Record<string, string> = {},
  pod: object = {},
): Manifest {
  return job(name, { 'argocd.argoproj.io/hook': phase, ...extra }, pod);
}

export function wave(number: number): Record<string, string> {
  return { 'argocd.argoproj.io/sync-wave': String(number) };
}
