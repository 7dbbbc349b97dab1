import type { ResourceKey } from '../../../core/object/key.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import type { OperationView, StepView } from '../../../core/wire/operation.ts';
import { pollUntil } from '../../../local/poll.ts';
import { applicationOf, configMap, hookJob, yamlOf } from './applications.ts';
import type { TestKeelson } from './keelson.ts';

/** Polls for something; `expect.poll` can't tell tests apart that run side by side. */
export const until = (what: string, look: () => Promise<boolean>) => pollUntil(what, 40, look);
export const mapKey = (namespace: string, name: string) => ({
  group: '',
  kind: 'ConfigMap',
  namespace,
  name,
});
export const jobKey = (namespace: string, name: string) => ({ group: 'batch', kind: 'Job', namespace, name });
export const stepNamed = (view: OperationView, name: string): StepView | undefined =>
  view.steps.find((step) => step.key.name === name);
export const installation = 'argocd.argoproj.io/installation-id';
export const trackingId = (instance: string, namespace: string, name: string, kind = '/ConfigMap') => ({
  'argocd.argoproj.io/tracking-id': `${instance}:${kind}:${namespace}/${name}`,
});
/** A field manager: what Keelson itself has written counts as Keelson's. */
export const somebody = { fieldManager: 'somebody' };
export const namespaceOf = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
});
export const bare = (namespace: string, name: string, annotations: Record<string, string>): Manifest => ({
  ...configMap(name, { theirs: '1' }),
  metadata: { name, namespace, annotations },
});

/** A hook that runs until somebody resumes it. */
export function heldHook(name: string, phase: string): Manifest {
  const hook = hookJob(name, phase);
  return { ...hook, spec: { ...(hook['spec'] as object), suspend: true } };
}

/** A Job, whose pod template never changes. */
export function task(annotations: Record<string, string>, image: string): Manifest {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'task', annotations },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } } },
  };
}

/** Steps of tests that change something while a hook holds a sync up; `keelson` is there once they begin. */
export function meddlingWith(keelson: () => TestKeelson) {
  const uidOf = async (apiVersion: string, key: ResourceKey) =>
    (await keelson().cluster.get(apiVersion, key))?.metadata.uid;
  return {
    uidOf,
    mapThere: async (namespace: string, name: string) =>
      (await uidOf('v1', mapKey(namespace, name))) !== undefined,
    repositoryOf(name: string, files: Record<string, readonly object[]>) {
      const texts = Object.entries(files).map(([file, manifests]) => [file, yamlOf(...manifests)]);
      return keelson().gitServer.createRepository(name, Object.fromEntries(texts));
    },
    /** An application of a repository, in a namespace that need not be its own. */
    async created(name: string, repoURL: string, namespace = name, shape: object = {}): Promise<void> {
      await keelson().create(applicationOf({ name, repoURL, namespace, ...shape }));
    },
    async untilHeld(name: string, operationId: string): Promise<void> {
      await until(`${name} waits for its hook`, async () => {
        const { waits } = await keelson().client.operations.get(name, operationId);
        return waits.some(({ kind, closedAt }) => kind === 'hook' && closedAt === undefined);
      });
    },
    async resume(namespace: string, name: string): Promise<void> {
      const change = { spec: { suspend: false } };
      await keelson().cluster.patch('batch/v1', jobKey(namespace, name), change, 'merge');
    },
    async patchMap(namespace: string, name: string, metadata: object): Promise<void> {
      await keelson().cluster.patch('v1', mapKey(namespace, name), { metadata }, 'merge');
    },
  };
}
