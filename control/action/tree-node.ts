import { KeelsonError } from '../../core/errors.ts';
import { formatKey, type ResourceKey, sameKey } from '../../core/object/key.ts';
import type { TreeNode } from '../../core/wire/tree.ts';
import { type ApplicationRow, listTreeNodes } from '../../db/queries/application/application.ts';
import type { ProjectReader } from '../../db/queries/project/effective-project.ts';
import { reachOf } from './reach.ts';

/** An application whose objects are looked at. */
type Holder = Pick<ApplicationRow, 'clusterId' | 'id' | 'name' | 'project'>;

/**
 * The node of an object in an application's tree as its cluster session last saw it; throws for one that isn't there, and
 * for one out of its project's reach, so that nothing else of the cluster can be asked for.
 */
export async function requireTreeNode(
  reader: ProjectReader,
  application: Holder,
  key: ResourceKey,
): Promise<TreeNode> {
  const [nodes, reaches] = await Promise.all([
    listTreeNodes(reader.db, application.id),
    reachOf(reader, application),
  ]);
  const node = nodes.find((one) => sameKey(one, key));
  if (node === undefined || !reaches(key)) throw notPartOf(application, key);
  return node;
}

/** The same of an object that is there. */
export async function requireLiveNode(
  reader: ProjectReader,
  application: Holder,
  key: ResourceKey,
): Promise<TreeNode> {
  const node = await requireTreeNode(reader, application, key);
  // A missing object is in the tree without a uid.
  if (node.uid === undefined || node.uid === '') throw notPartOf(application, key);
  return node;
}

/** What is said of an object that an application hasn't. */
export function notPartOf({ name }: { readonly name: string }, key: ResourceKey): KeelsonError {
  return new KeelsonError(
    'invalid-argument',
    `${formatKey(key)} not found as part of application ${name}; refresh the application`,
  );
}
