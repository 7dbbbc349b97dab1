import { describe, expect, it } from 'vitest';
import type { Manifest } from '../object/manifest/manifest.ts';
import { changesNothing } from './merge-patch.ts';
import { outcomeOf, type WriteResult } from './outcome.ts';
import { createWrite, guardedBody, isWritten, patchWrites, stamped } from './write.ts';

const live: Manifest = {
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'one', namespace: 'demo', uid: 'u1', resourceVersion: '7', labels: { a: '1' } },
  spec: { size: 1, list: ['x'] },
  status: { phase: 'Ready' },
};
const key = { group: 'example.com', kind: 'Widget', namespace: 'demo', name: 'one' };
const named = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'one', namespace: 'demo' } };
const map: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', namespace: 'demo' } };

describe('the writes of a change', () => {
  it('are none where nothing changes', () => {
    expect(patchWrites(live, live)).toEqual([]);
  });

  it('are one patch that names its object, of the fields that change', () => {
    const wanted = { ...live, spec: { size: 2, list: ['x'] } };
    expect(patchWrites(live, wanted)).toEqual([
      { operation: 'patch', apiVersion: 'example.com/v1', key, body: { ...named, spec: { size: 2 } } },
    ]);
  });

  it('are two where the status changes too, the second after the first', () => {
    const [first, second, ...others] = patchWrites(live, { ...live, spec: { size: 2 }, status: {} });
    expect(others).toEqual([]);
    expect(first).toMatchObject({ body: { ...named, spec: { size: 2, list: null } } });
    expect(first?.follows).toBeUndefined();
    expect(second).toMatchObject({ subresource: 'status', follows: true, body: { status: { phase: null } } });
    expect(second?.body['spec']).toBeUndefined();
  });

  it('are one of the status where nothing else changes', () => {
    const [only, ...others] = patchWrites(live, { ...live, status: { phase: 'Gone' } });
    expect(others).toEqual([]);
    expect(only).toMatchObject({ subresource: 'status', body: { status: { phase: 'Gone' } } });
    expect(only?.follows).toBeUndefined();
  });

  it('demand the version that was read where a list is replaced, and nowhere else', () => {
    const [listing] = patchWrites(live, { ...live, spec: { size: 1, list: ['y'] } });
    const [plain] = patchWrites(live, { ...live, spec: { size: 2, list: ['x'] } });
    expect(listing?.version).toBe('7');
    expect(plain?.version).toBeUndefined();
    expect(listing && guardedBody(listing, '9').metadata).toEqual({
      ...named.metadata,
      resourceVersion: '7',
    });
    expect(plain && guardedBody(plain, '9')).toEqual(plain?.body);
    const [, status] = patchWrites(live, { ...live, spec: { size: 2 }, status: { phase: 'Gone' } });
    expect(status?.follows).toBe(true);
    expect(status && guardedBody(status, '9')).toEqual(status?.body);
  });

  it('demand the version that the write before left where they follow it', () => {
    const wanted = { ...live, spec: { size: 2 }, status: { conditions: ['a'] } };
    const status = patchWrites(live, wanted)[1];
    expect(status && guardedBody(status, '9').metadata.resourceVersion).toBe('9');
    expect(status && guardedBody(status, undefined).metadata.resourceVersion).toBe('7');
  });
});

describe('a write that may have been made already', () => {
  const stamp = (action: string, position: number) => stamped(createWrite(map), action, position);

  it('is known by its stamp where it creates', () => {
    const write = stamp('a', 1);
    expect(isWritten(write, write.body)).toBe(true);
    expect(isWritten(write, stamp('a', 2).body)).toBe(false);
    expect(isWritten(write, stamp('b', 1).body)).toBe(false);
    expect(isWritten(write, map)).toBe(false);
  });

  it('is nobody’s without a stamp of its own', () => {
    expect(isWritten(createWrite(map), map)).toBe(false);
  });

  it('is known by having nothing left to change where it patches', () => {
    const wanted = {
      ...live,
      metadata: { ...live.metadata, labels: {} },
      spec: { size: 2, list: ['x', 'y'] },
    };
    const [write] = patchWrites(live, wanted);
    expect(write && isWritten(write, live)).toBe(false);
    expect(write && isWritten(write, { ...wanted, status: {}, other: 1 })).toBe(true);
  });

  it('keeps its annotations beside the stamp, and a patch gets none', () => {
    const annotated = { ...map, metadata: { ...map.metadata, annotations: { mine: '1' } } };
    expect(stamped(createWrite(annotated), 'a', 0).body.metadata.annotations).toEqual({
      mine: '1',
      'keelson.dev/action': 'a/0',
    });
    const [patch] = patchWrites(live, { ...live, spec: {} });
    expect(patch && stamped(patch, 'a', 0)).toBe(patch);
  });
});

describe('a merge patch', () => {
  it.each([
    [{ a: 1 }, { a: 1 }, true],
    [{ a: 1 }, { a: 2 }, false],
    [{ a: null }, {}, true],
    [{ a: null }, { a: 0 }, false],
    [{ a: { b: null } }, {}, false],
    [{ a: { b: 1 } }, { a: { b: 1, c: 2 } }, true],
    [{ a: [1, 2] }, { a: [1, 2] }, true],
    [{ a: [1] }, { a: [1, 2] }, false],
    [{ a: 9007199254740993n }, { a: 9007199254740993n }, true],
  ])('%o leaves %o as it is: %s', (patch, object, same) => {
    expect(changesNothing(patch, object)).toBe(same);
  });
});

describe('the outcome of an action', () => {
  const written: WriteResult = { state: 'written', uid: 'u', version: '1' };
  const refused: WriteResult = { state: 'refused', code: 'conflict', message: 'changed', retryable: true };

  it('counts what was written and tells why the next was not', () => {
    expect(outcomeOf([written, written])).toEqual({ done: 2 });
    expect(outcomeOf([written, refused])).toEqual({
      done: 1,
      failure: { code: 'conflict', message: 'changed', retryable: true },
    });
  });
});
