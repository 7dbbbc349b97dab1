import type { ClusterClient } from '../../../cluster/request/client.ts';
import { pollUntil } from '../../../local/poll.ts';

/** The definition of a kind of a test's own, as far as it is looked at here. */
type Definition = Parameters<ClusterClient['create']>[0] & {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string }[];
  };
};

/** Has a cluster serve a kind of a test's own. */
export async function serveKind(cluster: ClusterClient, definition: Definition): Promise<void> {
  const { group, names, versions } = definition.spec;
  await cluster.create(definition);
  await pollUntil(`${names.kind} is served`, 30, () =>
    cluster.resourceFor(`${group}/${versions[0]?.name}`, names.kind).then(
      () => true,
      () => false,
    ),
  );
}

/** Takes the kind away again. */
export async function removeKind(
  cluster: ClusterClient,
  { apiVersion, metadata: { name } }: Definition,
): Promise<void> {
  const group = 'apiextensions.k8s.io';
  await cluster.delete(apiVersion, { group, kind: 'CustomResourceDefinition', namespace: '', name });
}
