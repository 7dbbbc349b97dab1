import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { withoutWebhookChanges } from './webhook-changes.ts';

const owned = (fieldsV1: object) => [{ manager: 'keelson', operation: 'Apply', apiVersion: 'v1', fieldsV1 }];

function stateOf(content: object, fieldsV1: object, metadata: object = {}): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { ...metadata, managedFields: owned(fieldsV1) },
    ...content,
  };
}

const data = { 'f:data': { 'f:a': {} } };

describe('core/diff/webhook-changes', () => {
  it.each<[string, object, object, object]>([
    ['keeps a change of an owned field', { data: { a: '2' } }, { data: { a: '1' } }, { data: { a: '2' } }],
    [
      'drops a field that was added',
      { data: { a: '1', w: 'x' } },
      { data: { a: '1' } },
      { data: { a: '1' } },
    ],
    [
      'drops a whole map that was added',
      { data: { a: '1' }, w: { x: 1 } },
      { data: { a: '1' } },
      { data: { a: '1' } },
    ],
    [
      'brings a removed field back',
      { data: { a: '1' } },
      { data: { a: '1', w: 'x' } },
      { data: { a: '1', w: 'x' } },
    ],
    [
      'brings a changed field back',
      { data: { a: '2', w: 'y' } },
      { data: { a: '1', w: 'x' } },
      { data: { a: '2', w: 'x' } },
    ],
  ])('%s', (_name, predicted, live, expected) => {
    expect(withoutWebhookChanges(stateOf(predicted, data), stateOf(live, data), 'keelson')).toMatchObject(
      expected,
    );
    const {
      metadata: _,
      apiVersion: _version,
      kind: _kind,
      ...content
    } = withoutWebhookChanges(stateOf(predicted, data), stateOf(live, data), 'keelson');
    expect(content).toEqual(expected);
  });

  it('keeps the removal of a field that was owned before', () => {
    const before = { 'f:data': { 'f:a': {}, 'f:b': {} } };
    const reverted = withoutWebhookChanges(
      stateOf({ data: { a: '1' } }, data),
      stateOf({ data: { a: '1', b: '2' } }, before),
      'keelson',
    );
    expect(reverted['data']).toEqual({ a: '1' });
  });

  it('treats elements of merged lists one by one', () => {
    const list = { 'f:list': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:image': {} } } };
    const reverted = withoutWebhookChanges(
      stateOf({ list: [{ name: 'a', image: '2', added: 1 }, { name: 'injected' }] }, list),
      stateOf({ list: [{ name: 'a', image: '1' }, { name: 'kept' }] }, list),
      'keelson',
    );
    expect(reverted['list']).toEqual([{ name: 'a', image: '2' }, { name: 'kept' }]);
  });
});
