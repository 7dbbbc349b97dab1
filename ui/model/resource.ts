import type { ResourceStatus } from '../../core/application/status.ts';
import type { HealthStatus, SyncStatus } from '../../core/application/words.ts';
import { keyId } from '../../core/object/key.ts';
import type { ObjectRef } from '../../core/wire/requests/applications.ts';
import type { TreeNode } from '../../core/wire/tree.ts';

/** One object on the page: what the cluster has, with what the comparison says about it. */
export type Resource = {
  /** `group/kind/namespace/name`; the node parameter of the address. */
  readonly id: string;
  readonly node: TreeNode;
  readonly sync?: SyncStatus;
  readonly health?: HealthStatus;
  readonly healthMessage?: string;
  readonly wave?: number;
  readonly hook: boolean;
  readonly requiresPruning: boolean;
  readonly parent?: string;
};

function idOf(ref: ObjectRef): string {
  return keyId({
    group: ref.group ?? '',
    kind: ref.kind,
    namespace: ref.namespace ?? '',
    name: ref.name,
  });
}

/** Joins live nodes with the managed objects of the status; an object that only one of them knows is kept. */
export function joinResources(
  nodes: readonly TreeNode[],
  statuses: readonly ResourceStatus[],
): readonly Resource[] {
  const managed = new Map<string, ResourceStatus>();
  for (const status of statuses) {
    if (status.kind !== undefined && status.name !== undefined) {
      managed.set(idOf(nodeOfStatus(status)), status);
    }
  }
  const byUid = new Map(nodes.flatMap((node) => (node.uid ? [[node.uid, idOf(node)] as const] : [])));
  const resources = new Map<string, Resource>();
  for (const node of nodes) {
    const id = idOf(node);
    resources.set(id, resourceOf(id, node, managed.get(id), parentOf(node, byUid)));
  }
  for (const [id, status] of managed) {
    // A hook that is not in the cluster is nothing that is missing: it comes and goes with its sync.
    if (!resources.has(id) && status.hook !== true)
      resources.set(id, resourceOf(id, nodeOfStatus(status), status, undefined));
  }
  return [...resources.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function resourceOf(
  id: string,
  node: TreeNode,
  status: ResourceStatus | undefined,
  parent: string | undefined,
): Resource {
  const health = status?.health ?? node.health;
  return {
    id,
    node,
    hook: status?.hook ?? false,
    requiresPruning: status?.requiresPruning ?? false,
    ...(status?.status === undefined ? {} : { sync: status.status }),
    ...(health?.status === undefined ? {} : { health: health.status }),
    ...(health?.message === undefined ? {} : { healthMessage: health.message }),
    ...(status?.syncWave === undefined ? {} : { wave: status.syncWave }),
    ...(parent === undefined || parent === id ? {} : { parent }),
  };
}

function parentOf(node: TreeNode, byUid: ReadonlyMap<string, string>): string | undefined {
  const [first] = node.parentRefs;
  if (first === undefined) return undefined;
  return (first.uid === undefined ? undefined : byUid.get(first.uid)) ?? idOf(first);
}

function nodeOfStatus(status: ResourceStatus): TreeNode {
  return {
    group: status.group ?? '',
    version: status.version ?? '',
    kind: status.kind ?? '',
    namespace: status.namespace ?? '',
    name: status.name ?? '',
    parentRefs: [],
    info: [],
    images: [],
  };
}
