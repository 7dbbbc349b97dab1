import type { ResourceTree, TreeNode } from '../../core/wire/tree.ts';
import type { Database } from '../../db/client.ts';
import { listStoredNodes } from '../../db/queries/application/application.ts';
import { text } from '../route.ts';

/** Query parameters that narrow a tree or a list of objects. */
export const treeFilter = { namespace: text, name: text, version: text, group: text, kind: text };

export type TreeFilter = {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
};

type Filterable = Pick<TreeNode, 'namespace' | 'name' | 'version' | 'group' | 'kind'>;

/** An application's tree as its cluster session last saw it. */
export async function readTree(
  db: Database,
  applicationId: string,
  filter: TreeFilter = {},
): Promise<ResourceTree> {
  const stored = await listStoredNodes(db, applicationId);
  const shown = stored.filter((node) => matchesFilter(node, filter));
  const nodes = shown.filter(({ orphaned }) => orphaned !== true);
  const orphanedNodes = shown.flatMap(({ orphaned, ...node }) => (orphaned === true ? [node] : []));
  return { nodes, orphanedNodes, hosts: [] };
}

/** Whether an object has every property that the filter names. */
export function matchesFilter(object: Filterable, filter: TreeFilter): boolean {
  return (['namespace', 'name', 'version', 'group', 'kind'] as const).every(
    (field) => !filter[field] || (object[field] ?? '') === filter[field],
  );
}
