import { describe, expect, test } from 'vitest';
import { treeNode } from '../../../test/support/keelson/api/tree-node.ts';
import type { Resource } from '../../model/resource.ts';
import { cardHeight, edgePath, layOut } from './layout.ts';

function resource(id: string, kind = 'Pod', parent?: string): Resource {
  return {
    id,
    node: treeNode({ kind, name: id }),
    hook: false,
    requiresPruning: false,
    ...(parent === undefined ? {} : { parent }),
  };
}

const none: ReadonlySet<string> = new Set();

describe('ui/features/resource-tree/layout', () => {
  test('each generation has a column and a parent stands in the row of its first child', () => {
    const layout = layOut(
      [
        resource('d', 'Deployment'),
        resource('r', 'ReplicaSet', 'd'),
        resource('p1', 'Pod', 'r'),
        resource('p2', 'Pod', 'r'),
      ],
      none,
    );
    const at = (id: string) => layout.cards.find((card) => card.id === id);
    expect([at('')?.x, at('d')?.x, at('r')?.x].map((x) => (x ?? -1) > -1)).toEqual([true, true, true]);
    expect(at('p1')?.x).toBeGreaterThan(at('r')?.x ?? Number.POSITIVE_INFINITY);
    expect([at('')?.y, at('d')?.y, at('r')?.y, at('p1')?.y]).toEqual([0, 0, 0, 0]);
    expect(at('p2')?.y).toBeGreaterThan(cardHeight);
    expect(layout.edges.map((edge) => `${edge.from.id}>${edge.to.id}`).sort()).toEqual([
      '>d',
      'd>r',
      'r>p1',
      'r>p2',
    ]);
  });

  test('no two cards overlap', () => {
    const many = ['a', 'b', 'c'].flatMap((name) => [
      resource(name, `Kind${name}`),
      resource(`${name}1`, 'Pod', name),
      resource(`${name}2`, 'Pod', name),
    ]);
    const { cards } = layOut(many, none);
    for (const one of cards) {
      for (const other of cards) {
        if (one === other || one.x !== other.x) continue;
        expect(Math.abs(one.y - other.y)).toBeGreaterThanOrEqual(cardHeight);
      }
    }
  });

  test('many siblings of a kind are one card until it is opened', () => {
    const pods = Array.from({ length: 9 }, (_, index) => resource(`p${index}`));
    const closed = layOut(pods, none);
    expect(closed.cards.map((card) => card.type)).toEqual(['root', 'group']);
    const open = layOut(pods, new Set([closed.cards[1]?.id ?? '']));
    expect(open.cards).toHaveLength(10);
  });

  test('objects that own each other in a circle are drawn once, at the top', () => {
    const { cards } = layOut([resource('a', 'A', 'b'), resource('b', 'B', 'a')], none);
    expect(cards.map((card) => card.id).sort()).toEqual(['', 'a', 'b']);
  });

  test('objects that own others come first', () => {
    const { cards } = layOut(
      [resource('a', 'ConfigMap'), resource('b', 'Job'), resource('p', 'Pod', 'b')],
      none,
    );
    const at = (id: string) => cards.find((card) => card.id === id)?.y ?? -1;
    expect(at('b')).toBeLessThan(at('a'));
  });

  test('an edge along a row is straight, and one to a lower row goes down a trunk', () => {
    const { edges } = layOut([resource('a'), resource('b')], none);
    const [first, second] = edges.map(edgePath);
    expect(first).toMatch(/^M\d+ \d+H\d+$/);
    expect(second).toContain('V');
  });

  test('an object whose parent is not on the page is drawn at the top', () => {
    const { edges } = layOut([resource('a', 'Pod', 'gone')], none);
    expect(edges.map((edge) => edge.to.id)).toEqual(['a']);
  });

  test('an application without objects is a single card', () => {
    expect(layOut([], none)).toMatchObject({ cards: [{ type: 'root' }], edges: [] });
  });
});
