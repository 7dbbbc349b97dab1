import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import type { ClusterClient } from '../request/client.ts';
import { createCacheStore } from './cache-store.ts';
import { createObservation } from './observation.ts';

const key = { group: '', kind: 'ConfigMap', namespace: 'ns', name: 'a' };
const within = { deadlineMs: 5000, signal: undefined, watched: true };

function state(resourceVersion: string, uid = 'u'): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'ns', uid, resourceVersion },
  };
}

/** A store, its waiting room and an API server that has just one object, or none. */
function open(live?: Manifest) {
  const store = createCacheStore(() => undefined);
  const resource = { group: '', version: 'v1', apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps' };
  const client: Pick<ClusterClient, 'get' | 'preferredResource'> = {
    get: async () => live,
    preferredResource: async () => ({ ...resource, namespaced: true, verbs: [], preferred: true }),
  };
  const room = createObservation(client, store);
  const see = (changes: ReturnType<typeof store.put>): void => {
    for (const change of changes) room.onChange(change);
  };
  return { store, room, see, wait: (version: string) => ({ uid: 'u', resourceVersion: version, key }) };
}

describe('cluster/observation', () => {
  it('answers at once what was seen already, comparing versions as numbers', async () => {
    const { room, store, see, wait } = open();
    see(store.put(state('100')));
    expect(await room.observed(wait('99'), within)).toBe(store.getByUid('u'));
  });

  it('waits for the version that was written', async () => {
    const { room, store, see, wait } = open();
    see(store.put(state('9')));
    const waiting = room.observed(wait('10'), within);
    see(store.put(state('9')));
    see(store.put(state('12')));
    expect((await waiting)?.metadata.resourceVersion).toBe('12');
  });

  it('takes a deletion for an answer, now and later', async () => {
    const { room, store, see, wait } = open(state('50'));
    see(store.put(state('9')));
    const waiting = room.observed(wait('10'), within);
    see(store.remove(state('9')));
    expect(await waiting).toBeUndefined();
    expect(await room.observed(wait('10'), within)).toBeUndefined();
  });

  it('asks the API server past the deadline and for kinds without a watch', async () => {
    const { room, wait } = open(state('50'));
    expect(await room.observed(wait('10'), { ...within, deadlineMs: 1 })).toMatchObject(state('50'));
    expect(await room.observed(wait('10'), { ...within, watched: false })).toMatchObject(state('50'));
  });

  it('takes a successor on the API server for the end of the object', async () => {
    const { room, wait } = open(state('50', 'other'));
    expect(await room.observed(wait('10'), { ...within, watched: false })).toBeUndefined();
  });

  it('ends with the reason of its signal', async () => {
    const { room, wait } = open();
    const controller = new AbortController();
    const waiting = room.observed(wait('10'), { ...within, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
