import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { type CacheChange, createCacheStore } from './cache-store.ts';

function configMap(name: string, uid: string, more: object = {}): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'ns', uid, resourceVersion: '1', ...more },
  };
}

const ownedBy = (uid: string): object => ({
  ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid }],
});
const labelled = (app: string): object => ({ labels: { app } });
const key = (name: string) => ({ group: '', kind: 'ConfigMap', namespace: 'ns', name });

function openStore() {
  return createCacheStore((object) => object.metadata.labels?.['app']);
}

function words(changes: readonly CacheChange[]): string[] {
  return changes.map(({ type, object }) => `${type} ${object.metadata.uid}`);
}

describe('cluster/cache-store', () => {
  it('reports what each write changed', () => {
    const store = openStore();
    expect(words(store.put(configMap('a', '1')))).toEqual(['added 1']);
    const [change] = store.put(configMap('a', '1', { resourceVersion: '2' }));
    expect(change).toMatchObject({ type: 'updated', previous: { metadata: { resourceVersion: '1' } } });
    expect(words(store.remove(configMap('a', '1')))).toEqual(['deleted 1']);
    expect(store.remove(configMap('a', '1'))).toEqual([]);
    expect(store.size()).toBe(0);
  });

  it('takes a successor of the same name for the end of the former object', () => {
    const store = openStore();
    store.put(configMap('a', '1'));
    expect(words(store.put(configMap('a', '2')))).toEqual(['deleted 1', 'added 2']);
    expect(store.get(key('a'))?.metadata.uid).toBe('2');
    expect(store.getByUid('1')).toBeUndefined();
  });

  it('keeps the successor when the deletion of the former object comes late', () => {
    const store = openStore();
    store.put(configMap('a', '1'));
    store.put(configMap('a', '2'));
    expect(store.remove(configMap('a', '1'))).toEqual([]);
    expect(store.get(key('a'))?.metadata.uid).toBe('2');
  });

  it('makes the objects of a kind exactly those of a list, and reports only differences', () => {
    const store = openStore();
    for (const [name, uid] of [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ] as const)
      store.put(configMap(name, uid));
    store.put({ ...configMap('other', '9'), kind: 'Secret' });
    const listed = [configMap('a', '1'), configMap('b', '2', { resourceVersion: '5' }), configMap('d', '4')];
    expect(words(store.reset('/ConfigMap', listed))).toEqual(['deleted 3', 'updated 2', 'added 4']);
    expect(store.size()).toBe(4);
    expect(store.count('/ConfigMap')).toBe(3);
  });

  it('finds the unowned objects of an application, and follows a change of owner', () => {
    const store = openStore();
    store.put(configMap('a', '1', labelled('shop')));
    store.put(configMap('b', '2', { ...labelled('shop'), ...ownedBy('1') }));
    expect(store.tracked('shop').map((object) => object.metadata.uid)).toEqual(['1']);
    store.put(configMap('a', '1', labelled('bank')));
    expect(store.tracked('shop')).toEqual([]);
    expect(store.tracked('bank')).toHaveLength(1);
  });

  it('walks owners downwards once, also in circles', () => {
    const store = openStore();
    store.put(configMap('a', '1', ownedBy('3')));
    store.put(configMap('b', '2', ownedBy('1')));
    store.put(configMap('c', '3', ownedBy('2')));
    expect(store.children('1').map((object) => object.metadata.uid)).toEqual(['2']);
    expect(store.descendants('1').map((object) => object.metadata.uid)).toEqual(['2', '3']);
  });

  it('ends a circle of owners that lies below', () => {
    const store = openStore();
    store.put(configMap('a', '1'));
    const owners = [
      { apiVersion: 'v1', kind: 'X', name: 'x', uid: '1' },
      { apiVersion: 'v1', kind: 'X', name: 'x', uid: '3' },
    ];
    store.put(configMap('b', '2', { ownerReferences: owners }));
    store.put(configMap('c', '3', ownedBy('2')));
    expect(store.descendants('1').map((object) => object.metadata.uid)).toEqual(['2', '3']);
  });
});
