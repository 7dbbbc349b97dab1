import type { TreeNode } from '../../../../core/wire/tree.ts';

/** A node of an application's tree, of the core group unless it says another. */
export function treeNode(node: Pick<TreeNode, 'kind' | 'namespace' | 'name'> & Partial<TreeNode>): TreeNode {
  return { group: '', version: 'v1', parentRefs: [], info: [], images: [], ...node };
}
