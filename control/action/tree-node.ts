import { KeelsonError } from '../../core/errors.ts';
import { formatKey, type ResourceKey, sameKey } from '../../core/object/key.ts';
import type { TreeNode } from '../../core/wire/tree.ts';
import type { Database } from '../../db/client.ts';
import { listTreeNodes } from '../../db/queries/application/application.ts';

/** The node of an object in an application's tree as its cluster session last saw it. */
export async function findTreeNode(
  db: Database,
  applicationId: string,
  key: ResourceKey,
): Promise<TreeNode | undefined> {
  return (await listTreeNodes(db, applicationId)).find((node) => sameKey(node, key));
}

/** The same of an object that is there; throws for others, so that nothing else of the cluster is in reach. */
export async function requireLiveNode(
  db: Database,
  application: { readonly id: string; readonly name: string },
  key: ResourceKey,
): Promise<TreeNode> {
  const node = await findTreeNode(db, application.id, key);
  // A missing object is in the tree without a uid.
  if (node?.uid === undefined || node.uid === '') throw notPartOf(application, key);
  return node;
}

/** What is said of an object that an application hasn't. */
export function notPartOf({ name }: { readonly name: string }, key: ResourceKey): KeelsonError {
  return new KeelsonError(
    'invalid-argument',
    `${formatKey(key)} not found as part of application ${name}; refresh the application`,
  );
}
