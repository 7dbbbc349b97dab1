import type { ClusterClient } from '../../cluster/request/client.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';

/** Namespace without admission webhooks. */
export const plainNamespace = 'diff';
/** Namespace whose objects a webhook changes. */
export const hookedNamespace = 'diff-hooked';

/** An object with what was written, what is wanted and what happened in between. */
export type DiffCase = {
  readonly name: string;
  readonly synced: Manifest;
  readonly desired: Manifest;
  /** Who wrote the object, where it was not Keelson. */
  readonly former?: { readonly manager: string; readonly operation: 'Apply' | 'Update' } | undefined;
  readonly edit?: ((client: ClusterClient, manifest: Manifest) => Promise<unknown>) | undefined;
};

type Content = Omit<DiffCase, 'name'>;

/** The given number of objects; each class of planted differences has a fiftieth of them, the rest is as it was. */
export function diffCases(objects: number): DiffCase[] {
  const planted = Object.entries(classes);
  const each = Math.floor(objects / 50);
  const cases = planted.flatMap(([name, make]) =>
    Array.from({ length: each }, (_, number) => ({ name, ...make(`${name}-${number}`) })),
  );
  const rest = Array.from({ length: objects - cases.length }, (_, number) => ({
    name: 'untouched',
    ...untouched(`untouched-${number}`, number),
  }));
  return [...cases, ...rest];
}

function untouched(name: string, number: number): Content {
  const manifest =
    number % 3 === 0 ? deployment(name) : number % 3 === 1 ? service(name) : configMap(name, { a: '1' });
  return same(manifest);
}

const classes: Readonly<Record<string, (name: string) => Content>> = {
  defaulting: (name) =>
    same(deployment(name, {}, { ports: [{ containerPort: 80 }], livenessProbe: { httpGet: { port: 80 } } })),
  quantities: (name) =>
    same(deployment(name, {}, { resources: { limits: { cpu: '1000m', memory: '1024Mi' } } })),
  webhook: (name) => same(configMap(name, { a: '1' }, hookedNamespace)),
  'webhook-and-change': (name) => ({
    synced: configMap(name, { a: '1' }, hookedNamespace),
    desired: configMap(name, { a: '2' }, hookedNamespace),
  }),
  'removed-field': (name) => ({
    synced: deployment(name, { revisionHistoryLimit: 3 }),
    desired: deployment(name),
  }),
  'removed-container-field': (name) => ({
    synced: deployment(name, {}, { args: ['x'], env: [{ name: 'A', value: '1' }] }),
    desired: deployment(name, {}, { env: [{ name: 'A', value: '1' }] }),
  }),
  'foreign-field': (name) => ({
    ...same(configMap(name, { a: '1' })),
    edit: merge({ data: { foreign: 'x' } }, 'somebody'),
  }),
  'foreign-change': (name) => ({
    ...same(deployment(name, { replicas: 1 })),
    edit: merge({ spec: { replicas: 4 } }, 'kubectl-edit'),
  }),
  'argocd-field-to-remove': (name) => ({
    synced: configMap(name, { a: '1', b: '2' }),
    desired: configMap(name, { a: '1' }),
    former: { manager: 'argocd-controller', operation: 'Apply' },
  }),
  'kubectl-unchanged': (name) => ({
    ...same(deployment(name)),
    former: { manager: 'kubectl-client-side-apply', operation: 'Update' },
  }),
};

function same(manifest: Manifest): Content {
  return { synced: manifest, desired: manifest };
}

function merge(body: object, fieldManager: string): NonNullable<DiffCase['edit']> {
  return (client, manifest) =>
    client.patch(manifest.apiVersion, keyOf(manifest), body, 'merge', { fieldManager });
}

function configMap(name: string, values: Record<string, string>, namespace = plainNamespace): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: { app: name } },
    data: values,
  };
}

function service(name: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: plainNamespace },
    spec: {
      clusterIP: 'None',
      selector: { app: name },
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
    },
  };
}

function deployment(name: string, spec: object = {}, container: object = {}): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: plainNamespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10', ...container }] },
      },
      ...spec,
    },
  };
}
