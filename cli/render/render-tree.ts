import type { Application } from '../../core/application/spec/spec.ts';
import type { ResourceTree, TreeNode } from '../../core/wire/tree.ts';
import { formatTable } from '../terminal/table.ts';
import { padText, plainText, textWidth } from '../terminal/text.ts';

/** The live objects as a tree below the objects that own them, with health and, where known, sync status. */
export function formatTree(tree: ResourceTree, application?: Application): string {
  const nodes = tree.nodes ?? [];
  const uids = new Set(nodes.map((node) => node.uid));
  const children = new Map<string, TreeNode[]>();
  const roots: TreeNode[] = [];
  for (const node of nodes) {
    const parent = (node.parentRefs ?? []).find((ref) => ref.uid !== undefined && uids.has(ref.uid));
    if (parent?.uid === undefined) roots.push(node);
    else children.set(parent.uid, [...(children.get(parent.uid) ?? []), node]);
  }
  const rows: string[][] = [];
  const drawn = new Set<TreeNode>();
  const visit = (node: TreeNode, prefix: string, below: string): void => {
    // A node can name a descendant as its owner in a broken tree; each is drawn once.
    if (drawn.has(node)) return;
    drawn.add(node);
    rows.push([
      `${prefix}${node.kind}/${node.name}`,
      statusOf(node, application),
      node.health?.status ?? '',
      node.health?.message ?? '',
    ]);
    const owned = node.uid === undefined ? [] : (children.get(node.uid) ?? []);
    for (const [index, child] of owned.entries()) {
      const isLast = index === owned.length - 1;
      visit(child, `${below}${isLast ? '└─' : '├─'}`, `${below}${isLast ? '  ' : '│ '}`);
    }
  };
  for (const root of roots) visit(root, '', '');
  return formatIndented(['KIND/NAME', 'STATUS', 'HEALTH', 'MESSAGE'], rows);
}

/** A table whose first column keeps its leading blanks. */
function formatIndented(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const names = rows.map(([name = '']) => {
    const blanks = name.length - name.trimStart().length;
    return ' '.repeat(blanks) + plainText(name);
  });
  const [first = '', ...rest] = header;
  const width = Math.max(textWidth(first), ...names.map(textWidth)) + 2;
  const others = formatTable(
    rest,
    rows.map(([, ...cells]) => cells),
  ).split('\n');
  return [first, ...names]
    .map((name, index) => `${padText(name, width)}${others[index] ?? ''}`.trimEnd().concat('\n'))
    .join('');
}

function statusOf(node: TreeNode, application: Application | undefined): string {
  const match = (application?.status?.resources ?? []).find(
    (one) =>
      one.kind === node.kind &&
      one.name === node.name &&
      (one.group ?? '') === (node.group ?? '') &&
      (one.namespace ?? '') === (node.namespace ?? ''),
  );
  return match?.status ?? '';
}

/** The table of `app resources`: what the application manages, and what nobody does. */
export function formatTreeTable(
  tree: ResourceTree,
  application: Application,
  options: { orphanedOnly: boolean },
): string {
  const managed = options.orphanedOnly ? [] : (tree.nodes ?? []).filter(isTopLevel);
  const rows = [
    ...managed.map((node) => [
      ...cellsOf(node),
      'No',
      statusOf(node, application),
      node.health?.status ?? '',
    ]),
    ...tree.orphanedNodes.map((node) => [...cellsOf(node), 'Yes', '', node.health?.status ?? '']),
  ];
  return formatTable(['GROUP', 'KIND', 'NAMESPACE', 'NAME', 'ORPHANED', 'STATUS', 'HEALTH'], rows);
}

function isTopLevel(node: TreeNode): boolean {
  return (node.parentRefs ?? []).length === 0;
}

function cellsOf(node: TreeNode): string[] {
  return [node.group ?? '', node.kind, node.namespace ?? '', node.name];
}
