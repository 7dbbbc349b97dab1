import { KeelsonError } from '../../core/errors.ts';
import { formatKey, type ResourceKey } from '../../core/object/key.ts';
import type { Database } from '../../db/client.ts';
import { listTreeNodes } from '../../db/queries/application/application.ts';

/** Parts of a tree node that are looked at here; the rest passes through. */
export type TreeNode = {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
};

const identifying = ['namespace', 'name', 'group', 'kind'] as const;

/** The node of an object in an application's tree as its cluster session last saw it. */
export async function findTreeNode(
  db: Database,
  applicationId: string,
  key: ResourceKey,
): Promise<TreeNode | undefined> {
  const nodes: TreeNode[] = await listTreeNodes(db, applicationId);
  return nodes.find((node) => identifying.every((field) => (node[field] ?? '') === key[field]));
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
