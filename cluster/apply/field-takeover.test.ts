import { describe, expect, it } from 'vitest';
import { moveVersions, takeOverManagers, takeOverShared } from './field-takeover.ts';

function entry(manager: string, operation: 'Apply' | 'Update', fields: object, more: object = {}) {
  return { manager, operation, apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: fields, ...more };
}

const of = (...formerManagers: string[]) => ({ formerManagers });

describe('cluster/field-takeover', () => {
  it('leaves objects without former managers alone', () => {
    expect(
      takeOverManagers([entry('keelson', 'Apply', { 'f:a': {} })], of('old'), 'keelson'),
    ).toBeUndefined();
    expect(takeOverManagers([], of('old'), 'keelson')).toBeUndefined();
  });

  it('turns an update into an apply of the new manager', () => {
    const former = entry('old', 'Update', { 'f:data': { 'f:a': {} } }, { time: '2026-01-01T00:00:00Z' });
    expect(takeOverManagers([former], of('old'), 'keelson')).toEqual({
      managedFields: [{ ...former, manager: 'keelson', operation: 'Apply' }],
      from: ['old'],
    });
  });

  it('joins the fields of all former managers with those already applied', () => {
    const fields = takeOverManagers(
      [
        entry('keelson', 'Apply', { 'f:data': { 'f:a': {} } }),
        entry('old', 'Update', { 'f:data': { 'f:b': {}, '.': {} } }),
        entry('older', 'Apply', { 'f:metadata': { 'f:labels': {} } }),
      ],
      of('old', 'older'),
      'keelson',
    );
    expect(fields?.from).toEqual(['old', 'older']);
    expect(fields?.managedFields).toEqual([
      entry('keelson', 'Apply', {
        'f:data': { 'f:a': {}, 'f:b': {}, '.': {} },
        'f:metadata': { 'f:labels': {} },
      }),
    ]);
  });

  it('keeps other managers and all entries of subresources', () => {
    const status = entry('old', 'Update', { 'f:status': {} }, { subresource: 'status' });
    const other = entry('controller', 'Update', { 'f:spec': {} });
    const result = takeOverManagers([status, other, entry('old', 'Update', {})], of('old'), 'keelson');
    expect(result?.managedFields.slice(1)).toEqual([status, other]);
  });

  it('leaves manual updates of old kubectl releases alone, but not their applies', () => {
    const edit = entry('kubectl', 'Update', { 'f:data': { 'f:a': {} } });
    const annotation = 'f:kubectl.kubernetes.io/last-applied-configuration';
    const apply = entry('kubectl', 'Update', { 'f:metadata': { 'f:annotations': { [annotation]: {} } } });
    const serverSide = entry('kubectl', 'Apply', { 'f:data': { 'f:b': {} } });
    expect(takeOverManagers([edit], of('kubectl'), 'keelson')).toBeUndefined();
    expect(takeOverManagers([edit, apply], of('kubectl'), 'keelson')?.managedFields[1]).toEqual(edit);
    expect(takeOverManagers([edit, serverSide], of('kubectl'), 'keelson')?.managedFields[1]).toEqual(edit);
  });

  it('keeps the API version of its own entry, else takes the newest', () => {
    const old = entry('old', 'Update', {}, { apiVersion: 'apps/v1beta1', time: '2026-02-01T00:00:00Z' });
    const older = entry('older', 'Update', {}, { apiVersion: 'apps/v1alpha1', time: '2026-01-01T00:00:00Z' });
    const own = entry('keelson', 'Apply', {}, { apiVersion: 'apps/v1' });
    const names = of('old', 'older');
    expect(takeOverManagers([old, older], names, 'keelson')?.managedFields[0]?.apiVersion).toBe(
      'apps/v1beta1',
    );
    expect(takeOverManagers([old, older, own], names, 'keelson')?.managedFields[0]?.apiVersion).toBe(
      'apps/v1',
    );
  });

  it('takes what we created ourselves, as a hook or in another way', () => {
    const created = entry('keelson', 'Update', { 'f:data': { 'f:a': {} } });
    const own = entry('keelson', 'Apply', { 'f:data': { 'f:b': {} } });
    const taken = takeOverManagers([own, created], of('keelson'), 'keelson');
    expect(taken?.managedFields).toEqual([entry('keelson', 'Apply', { 'f:data': { 'f:a': {}, 'f:b': {} } })]);
    expect(takeOverManagers([own], of('keelson'), 'keelson')).toBeUndefined();
  });

  it('takes only what a manifest is known to have had where it is asked for that', () => {
    const created = entry('kubectl-create', 'Update', { 'f:data': { 'f:a': {} } });
    const applied = entry('argocd-controller', 'Apply', { 'f:data': { 'f:b': {} } });
    const declared = { ...of('kubectl-create', 'argocd-controller'), declaredOnly: true };
    const taken = takeOverManagers([created, applied], declared, 'keelson');
    expect(taken).toMatchObject({ from: ['argocd-controller'] });
    expect(taken?.managedFields[1]).toEqual(created);
  });

  it('takes what was applied too, and leaves the rest to its owner', () => {
    const own = entry('keelson', 'Apply', {
      'f:spec': { 'f:list': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:x': {} } }, 'f:whole': {} },
    });
    const former = entry('old', 'Update', {
      'f:spec': {
        '.': {},
        'f:list': { '.': {}, 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:y': {} } },
        'f:whole': { 'f:inside': {} },
        'f:fixed': {},
      },
    });
    const taken = takeOverShared([own, former], of('old'), 'keelson');
    expect(taken).toEqual({
      managedFields: [
        own,
        entry('old', 'Update', {
          'f:spec': { '.': {}, 'f:list': { '.': {}, 'k:{"name":"a"}': { 'f:y': {} } }, 'f:fixed': {} },
        }),
      ],
      from: ['old'],
    });
    expect(takeOverShared(taken?.managedFields ?? [], of('old'), 'keelson')).toBeUndefined();
    const same = entry('old', 'Update', own.fieldsV1);
    expect(takeOverShared([own, same], of('old'), 'keelson')?.managedFields).toEqual([own]);
  });

  it('moves entries of versions that are not served any more', () => {
    const isServed = (version: string): boolean => version === 'g/v2';
    const old = { apiVersion: 'g/v1' };
    const entries = [
      entry('keelson', 'Apply', { 'f:a': {} }, old),
      entry('edit', 'Update', { 'f:b': {} }, old),
      entry('edit', 'Update', { 'f:c': {} }, { apiVersion: 'g/v2' }),
      entry('edit', 'Update', { 'f:status': {} }, { ...old, subresource: 'status' }),
    ];
    const served = { apiVersion: 'g/v2' };
    expect(moveVersions(entries, isServed, 'g/v2')).toEqual([
      entry('keelson', 'Apply', { 'f:a': {} }, served),
      entry('edit', 'Update', { 'f:b': {}, 'f:c': {} }, served),
      entry('edit', 'Update', { 'f:status': {} }, { ...served, subresource: 'status' }),
    ]);
    expect(moveVersions(entries.slice(2, 3), isServed, 'g/v2')).toBeUndefined();
  });
});
