import type { Resource } from '../../model/resource.ts';

export const cardWidth = 248;
export const cardHeight = 56;
const columnGap = 48;
const rowGap = 14;
const corner = 8;

/** Siblings of one kind beyond this number are drawn as one card until it is opened. */
const groupAbove = 6;

export type PositionedCard = {
  readonly id: string;
  readonly x: number;
  readonly y: number;
} & (
  | { readonly type: 'root' }
  | { readonly type: 'resource'; readonly resource: Resource }
  | { readonly type: 'group'; readonly kind: string; readonly members: readonly Resource[] }
);

type Edge = { readonly from: PositionedCard; readonly to: PositionedCard };

export type Layout = {
  readonly cards: readonly PositionedCard[];
  readonly edges: readonly Edge[];
  readonly width: number;
  readonly height: number;
};

type Entry =
  | { readonly type: 'resource'; readonly resource: Resource }
  | {
      readonly type: 'group';
      readonly id: string;
      readonly kind: string;
      readonly members: readonly Resource[];
    };

/**
 * Places the application at the left and each generation of objects in the next column. Every leaf gets a row of
 * its own and a parent stands in the row of its first child, so edges never cross and the top of a tall tree is
 * where its story begins. Objects that own others come before those that don't.
 */
export function layOut(resources: readonly Resource[], openGroups: ReadonlySet<string>): Layout {
  const cards: PositionedCard[] = [];
  const edges: Edge[] = [];
  const children = childrenByParent(resources);
  let nextRow = 0;
  let columns = 1;

  function place(parent: string, depth: number): PositionedCard[] {
    const siblings = children.get(parent) ?? [];
    const owners = siblings.filter((sibling) => children.has(sibling.id));
    const others = siblings.filter((sibling) => !children.has(sibling.id));
    const entries = groupEntries(parent, [...owners, ...others], openGroups);
    return entries.map((entry) => {
      columns = Math.max(columns, depth + 1);
      const below = entry.type === 'resource' ? place(entry.resource.id, depth + 1) : [];
      const card = cardOf(entry, depth * (cardWidth + columnGap), below[0]?.y ?? takeRow());
      cards.push(card);
      for (const child of below) edges.push({ from: card, to: child });
      return card;
    });
  }

  function takeRow(): number {
    const y = nextRow * (cardHeight + rowGap);
    nextRow += 1;
    return y;
  }

  const top = place('', 1);
  const root: PositionedCard = { id: '', type: 'root', x: 0, y: 0 };
  cards.unshift(root);
  edges.unshift(...top.map((to) => ({ from: root, to })));
  const rows = Math.max(nextRow, 1);
  return {
    cards,
    edges,
    width: columns * (cardWidth + columnGap) - columnGap,
    height: rows * (cardHeight + rowGap) - rowGap,
  };
}

/** The line between two cards: straight along a row, else down a trunk with round corners. */
export function edgePath({ from, to }: Edge): string {
  const x = from.x + cardWidth;
  const y = from.y + cardHeight / 2;
  const endY = to.y + cardHeight / 2;
  if (endY === y) return `M${x} ${y}H${to.x}`;
  const trunk = x + columnGap / 2;
  return `M${x} ${y}H${trunk - corner}Q${trunk} ${y} ${trunk} ${y + corner}V${endY - corner}Q${trunk} ${endY} ${trunk + corner} ${endY}H${to.x}`;
}

/** Children by the id of their parent, top-level objects under the empty id. A cycle's members come to the top. */
function childrenByParent(resources: readonly Resource[]): ReadonlyMap<string, readonly Resource[]> {
  const byId = new Map(resources.map((resource) => [resource.id, resource]));
  const children = new Map<string, Resource[]>();
  for (const resource of resources) {
    const parent = leadsToTop(resource, byId) ? (resource.parent ?? '') : '';
    const list = children.get(parent) ?? [];
    list.push(resource);
    children.set(parent, list);
  }
  return children;
}

function leadsToTop(resource: Resource, byId: ReadonlyMap<string, Resource>): boolean {
  const seen = new Set<string>();
  let at: Resource | undefined = resource;
  while (at.parent !== undefined) {
    if (seen.has(at.id)) return false;
    seen.add(at.id);
    at = byId.get(at.parent);
    if (at === undefined) return seen.size > 1;
  }
  return true;
}

function groupEntries(
  parent: string,
  resources: readonly Resource[],
  openGroups: ReadonlySet<string>,
): readonly Entry[] {
  const byKind = Map.groupBy(resources, (resource) => resource.node.kind);
  const entries: Entry[] = [];
  for (const [kind, members] of byKind) {
    const id = `group:${parent}:${kind}`;
    if (members.length > groupAbove && !openGroups.has(id)) {
      entries.push({ type: 'group', id, kind, members });
      continue;
    }
    for (const resource of members) entries.push({ type: 'resource', resource });
  }
  return entries;
}

function cardOf(entry: Entry, x: number, y: number): PositionedCard {
  if (entry.type === 'resource') return { ...entry, id: entry.resource.id, x, y };
  return { ...entry, x, y };
}
