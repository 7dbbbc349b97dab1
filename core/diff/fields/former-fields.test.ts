import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { withoutFormerFields } from './former-fields.ts';

const owner = { manager: 'keelson', formerManagers: ['kubectl-create', 'argocd-controller'] };

function liveOf(content: object, ...entries: object[]): Manifest {
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x', managedFields: entries }, ...content };
}

const entry = (manager: string, fieldsV1: object, more: object = {}) => ({
  manager,
  operation: 'Update',
  fieldsV1,
  ...more,
});
const wanted = (content: object): Manifest => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'x' },
  ...content,
});
const set = { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } };

describe('core/diff/former-fields', () => {
  it('takes out what only a former manager owns and nobody wants', () => {
    const live = liveOf({ data: { a: '1', b: '2', c: '3' } }, entry('kubectl-create', set));
    expect(withoutFormerFields(wanted({ data: { a: '1' } }), live, owner)?.['data']).toEqual({
      a: '1',
      c: '3',
    });
  });

  it('takes out a whole map where nothing of it is wanted', () => {
    const live = liveOf(
      { data: { a: '1', b: '2', c: '3' } },
      entry('argocd-controller', set, { operation: 'Apply' }),
    );
    expect(withoutFormerFields(wanted({}), live, owner)).not.toHaveProperty('data');
  });

  it.each<[string, object[]]>([
    ['no former manager has an entry', [entry('someone', set)]],
    ['it owns a subresource only', [entry('kubectl-create', set, { subresource: 'scale' })]],
    [
      'somebody else owns the field too',
      [entry('kubectl-create', set), entry('someone', { 'f:data': { 'f:b': {} } })],
    ],
    ['it owns what is wanted', [entry('kubectl-create', { 'f:data': { 'f:a': {} } })]],
    ['it owns the status', [entry('kubectl-create', { 'f:status': { 'f:x': {} } })]],
  ])('finds nothing to take out when %s', (_name, entries) => {
    const live = liveOf({ data: { a: '1', b: '2' }, status: { x: 1 } }, ...entries);
    expect(withoutFormerFields(wanted({ data: { a: '1' } }), live, owner)).toBeUndefined();
  });

  it('takes elements out of lists by their keys, and fields out of elements', () => {
    const containers = {
      'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:image': {}, 'f:args': {} },
      'k:{"name":"b"}': { '.': {}, 'f:name': {} },
    };
    const live = liveOf(
      { list: [{ name: 'a', image: 'i', args: ['x'] }, { name: 'b', extra: 1 }, { name: 'other' }] },
      entry('kubectl-create', { 'f:list': containers, 'f:metadata': { 'f:finalizers': { 'v:"f/1"': {} } } }),
    );
    const pruned = withoutFormerFields(wanted({ list: [{ name: 'a', image: 'new' }] }), live, owner);
    expect(pruned?.['list']).toEqual([{ name: 'a', image: 'i' }, { name: 'other' }]);
  });
});
