import { describe, expect, test } from 'vitest';
import { readFields } from './fields.ts';

const application = {
  metadata: { name: 'web', labels: { team: 'a' } },
  spec: { source: { path: '.' }, sources: [{ path: 'a', chart: 'x' }, { path: 'b' }] },
  status: { health: { status: 'Healthy' } },
};

describe('api/fields', () => {
  test.each([
    ['nothing given keeps everything', undefined, '', application],
    ['blank text keeps everything', ' ', '', application],
    ['paths are kept', 'metadata.name', '', { metadata: { name: 'web' } }],
    ['a path keeps all below it', 'metadata', '', { metadata: application.metadata }],
    ['lists are transparent', 'spec.sources.path', '', { spec: { sources: [{ path: 'a' }, { path: 'b' }] } }],
    ['missing paths are left out', 'metadata.name,spec.gone', '', { metadata: { name: 'web' }, spec: {} }],
    ['the root is stripped', 'items.metadata.name', 'items', { metadata: { name: 'web' } }],
    ['paths elsewhere say nothing of the element', 'metadata.resourceVersion', 'items', {}],
    ['the root itself means everything', 'items', 'items', application],
    ['a leading minus leaves out', '-spec,status.health', '', { metadata: application.metadata, status: {} }],
    [
      'left-out paths reach into lists',
      '-spec.sources.chart,metadata,status',
      '',
      { spec: { source: { path: '.' }, sources: [{ path: 'a' }, { path: 'b' }] } },
    ],
  ])('%s', (_, text, root, expected) => {
    expect(readFields(text, root).pick(application)).toEqual(expected);
  });

  test.each([
    [undefined, 'status.history', true],
    ['metadata.name', 'status.history', false],
    ['status', 'status.history', true],
    ['status.history.id', 'status.history', true],
    ['-status.history', 'status.history', false],
    ['-status', 'status.history', false],
    ['-status.history.id', 'status.history', true],
    ['result.application.status.history', 'status.history', true],
  ])('with %s the path %s is wanted: %s', (text, path, wanted) => {
    const root = text?.startsWith('result') ? 'result.application' : '';
    expect(readFields(text, root).wants(path)).toBe(wanted);
  });

  test('names of the prototype are no fields', () => {
    expect(readFields('constructor,__proto__').pick(application)).toEqual({});
  });
});
