import { describe, expect, it } from 'vitest';
import { takeOverManagers } from './field-takeover.ts';

function entry(manager: string, operation: 'Apply' | 'Update', fields: object, more: object = {}) {
  return { manager, operation, apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: fields, ...more };
}

describe('cluster/field-takeover', () => {
  it('leaves objects without former managers alone', () => {
    expect(takeOverManagers([entry('keelson', 'Apply', { 'f:a': {} })], ['old'], 'keelson')).toBeUndefined();
    expect(takeOverManagers([], ['old'], 'keelson')).toBeUndefined();
  });

  it('turns an update into an apply of the new manager', () => {
    const former = entry('old', 'Update', { 'f:data': { 'f:a': {} } }, { time: '2026-01-01T00:00:00Z' });
    expect(takeOverManagers([former], ['old'], 'keelson')).toEqual({
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
      ['old', 'older'],
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
    const result = takeOverManagers([status, other, entry('old', 'Update', {})], ['old'], 'keelson');
    expect(result?.managedFields.slice(1)).toEqual([status, other]);
  });

  it('leaves manual updates of old kubectl releases alone, but not their applies', () => {
    const edit = entry('kubectl', 'Update', { 'f:data': { 'f:a': {} } });
    const annotation = 'f:kubectl.kubernetes.io/last-applied-configuration';
    const apply = entry('kubectl', 'Update', { 'f:metadata': { 'f:annotations': { [annotation]: {} } } });
    const serverSide = entry('kubectl', 'Apply', { 'f:data': { 'f:b': {} } });
    expect(takeOverManagers([edit], ['kubectl'], 'keelson')).toBeUndefined();
    expect(takeOverManagers([edit, apply], ['kubectl'], 'keelson')?.managedFields[1]).toEqual(edit);
    expect(takeOverManagers([edit, serverSide], ['kubectl'], 'keelson')?.managedFields[1]).toEqual(edit);
  });

  it('keeps the API version of its own entry, else takes the newest', () => {
    const old = entry('old', 'Update', {}, { apiVersion: 'apps/v1beta1', time: '2026-02-01T00:00:00Z' });
    const older = entry('older', 'Update', {}, { apiVersion: 'apps/v1alpha1', time: '2026-01-01T00:00:00Z' });
    const own = entry('keelson', 'Apply', {}, { apiVersion: 'apps/v1' });
    const names = ['old', 'older'];
    expect(takeOverManagers([old, older], names, 'keelson')?.managedFields[0]?.apiVersion).toBe(
      'apps/v1beta1',
    );
    expect(takeOverManagers([old, older, own], names, 'keelson')?.managedFields[0]?.apiVersion).toBe(
      'apps/v1',
    );
  });
});
