import type { TreeNode } from '../../../../core/wire/tree.ts';

/** A node of an application's tree, of the core group unless it says another. */
export function treeNode(node: Pick<TreeNode, 'kind' | 'name'> & Partial<TreeNode>): TreeNode {
  return { group: '', version: 'v1', namespace: '', parentRefs: [], info: [], images: [], ...node };
}
