import { describe, expect, it } from 'vitest';
import type { Manifest } from '../object/manifest/manifest.ts';
import { formerFields, lastAppliedText, ownedPart } from './former-fields.ts';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

function liveOf(entries: readonly object[], annotations: Record<string, string> = {}): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c', namespace: 'n', annotations, managedFields: entries },
    data: { a: '1', b: '2', c: '3' },
  };
}

const by =
  (...managers: string[]) =>
  (owner: { manager: string }) =>
    managers.includes(owner.manager);

describe('core/apply/former-fields', () => {
  it('reads fields, elements by key and values of a set out of a live object', () => {
    const live = {
      list: [
        { name: 'x', port: 1, value: 'mine', other: 'theirs' },
        { name: 'y', port: 2, value: 'theirs' },
      ],
      set: ['a', 'b'],
      leaf: { whole: true },
      container: { theirs: true },
    };
    const set = {
      'f:list': { 'k:{"name":"x","port":1}': { '.': {}, 'f:value': {} } },
      'f:set': { 'v:"b"': {} },
      'f:leaf': {},
      'f:container': { '.': {} },
      'f:gone': {},
    };
    expect(ownedPart(live, set)).toEqual({
      list: [{ name: 'x', port: 1, value: 'mine' }],
      set: ['b'],
      leaf: { whole: true },
      container: {},
    });
  });

  it('joins what the named managers own with the annotation', () => {
    const entries = [
      { manager: 'keelson', fieldsV1: { 'f:data': { 'f:a': {} } } },
      { manager: 'kubectl-edit', fieldsV1: { 'f:data': { 'f:b': {} } } },
    ];
    const live = liveOf(entries, { [annotation]: JSON.stringify({ data: { c: '0' } }) });
    expect(formerFields(live, by('keelson')).before).toEqual({ data: { a: '1', c: '0' } });
    expect(formerFields(liveOf(entries, { [annotation]: 'broken' }), by()).before).toBeUndefined();
  });

  it('leaves subresources, status and what names the object out', () => {
    const entries = [
      { manager: 'keelson', subresource: 'scale', fieldsV1: { 'f:data': { 'f:a': {} } } },
      { manager: 'keelson', fieldsV1: { 'f:metadata': { 'f:name': {} }, 'f:status': {} } },
    ];
    expect(formerFields(liveOf(entries), by('keelson')).before).toEqual({ metadata: {} });
  });

  it('writes the annotation without itself', () => {
    const manifest: Manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', annotations: { [annotation]: 'old', keep: '1' } },
    };
    expect(JSON.parse(lastAppliedText(manifest))).toEqual({
      ...manifest,
      metadata: { name: 'c', annotations: { keep: '1' } },
    });
  });
});
