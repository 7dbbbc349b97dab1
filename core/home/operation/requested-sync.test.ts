import { describe, expect, it } from 'vitest';
import type { ApplicationSpec } from '../../application/spec/spec.ts';
import { isNewRequest, type KnownOperation, requestedSync } from './requested-sync.ts';

const source = { repoURL: 'https://git.example.com/a.git', path: '.' };
const spec: ApplicationSpec = { project: 'default', source, destination: { namespace: 'web' } };

describe('the sync that an operation on an object asks for', () => {
  it('is what it says, in the words of the API', () => {
    const asked = requestedSync(
      {
        sync: {
          revision: 'abc',
          prune: true,
          syncOptions: ['Replace=true'],
          syncStrategy: { apply: { force: true } },
        },
        retry: { limit: 2 },
        info: [{ name: 'why', value: 'x' }],
      },
      spec,
    );
    expect(asked).toMatchObject({
      spec,
      body: {
        revision: 'abc',
        prune: true,
        syncOptions: { items: ['Replace=true'] },
        strategy: { apply: { force: true } },
        retryStrategy: { limit: 2 },
        infos: [{ name: 'why', value: 'x' }],
      },
    });
  });

  it('names revisions by the positions of the sources', () => {
    expect(requestedSync({ sync: { revisions: ['a', 'b'] } }, spec)).toMatchObject({
      body: { revisions: ['a', 'b'], sourcePositions: [1, 2] },
    });
  });

  it('may bring another source', () => {
    const other = { ...source, path: 'other' };
    expect(requestedSync({ sync: { source: other } }, spec)).toMatchObject({
      spec: { ...spec, source: other },
    });
  });

  it.each([
    ['of no sync', {}],
    ['with manifests of its own', { sync: { manifests: ['{}'] } }],
  ])('is refused %s', (_, operation) => {
    expect(requestedSync(operation, spec)).toEqual(expect.any(String));
  });
});

describe('an operation on an object is a request', () => {
  const seen = { resourceVersion: '20', digest: 'd' };
  const known = (change: Partial<KnownOperation> = {}): KnownOperation[] => [
    { resourceVersion: '10', digest: 'd', clearedVersion: null, ...change },
  ];

  it.each<[string, KnownOperation[], boolean]>([
    ['the first', [], true],
    ['in the same version', known({ resourceVersion: '20', clearedVersion: '15' }), false],
    ['that was taken up and is not cleared yet', known(), false],
    ['another one meanwhile', known({ digest: 'e' }), true],
    ['the same anew, after it was cleared', known({ clearedVersion: '15' }), true],
    ['in an event that comes late', known({ clearedVersion: '25' }), false],
    ['of a version without order, after it was cleared', known({ clearedVersion: 'x' }), true],
  ])('%s', (_, operations, isNew) => {
    const order = (a: string, b: string) => (b === 'x' ? undefined : Number(a) - Number(b));
    expect(isNewRequest(seen, operations, order)).toBe(isNew);
  });
});
