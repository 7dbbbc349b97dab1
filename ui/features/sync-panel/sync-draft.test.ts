import { describe, expect, test } from 'vitest';
import type { ObjectRef } from '../../../core/wire/requests/applications.ts';
import { draftOf, syncBodyOf, warningsOf } from './sync-draft.ts';

const resources = new Map<string, ObjectRef>([
  ['a', { group: '', kind: 'ConfigMap', namespace: 'web', name: 'a' }],
  ['b', { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'b' }],
]);
const spec = { targetRevisions: ['HEAD'], several: false, syncOptions: [] };

describe('ui/features/sync-panel/sync-draft', () => {
  test('an untouched panel asks for a whole sync with hooks and names no revision', () => {
    expect(syncBodyOf(draftOf(['HEAD'], []), resources, spec)).toEqual({
      dryRun: false,
      prune: false,
      strategy: { hook: { force: false } },
      resources: null,
      syncOptions: { items: [] },
    });
  });

  test('apply only with force names its strategy', () => {
    const draft = { ...draftOf(['HEAD'], []), applyOnly: true, force: true, revisions: ['v2'] };
    expect(syncBodyOf(draft, resources, spec)).toMatchObject({
      revision: 'v2',
      strategy: { apply: { force: true } },
    });
  });

  test('only the sources whose revision was changed are named, by position', () => {
    const listed = { targetRevisions: ['main', 'HEAD', '1.2.3'], several: true, syncOptions: [] };
    const untouched = draftOf(listed.targetRevisions, []);
    expect(syncBodyOf(untouched, resources, listed)).not.toHaveProperty('revisions');
    expect(
      syncBodyOf({ ...untouched, revisions: ['main', ' v2 ', '1.2.4'] }, resources, listed),
    ).toMatchObject({ revisions: ['v2', '1.2.4'], sourcePositions: [2, 3] });
  });

  test('some objects are listed and all objects are not', () => {
    const some = { ...draftOf(['HEAD'], []), chosen: new Set(['b']) };
    expect(syncBodyOf(some, resources, spec).resources).toEqual([resources.get('b')]);
    const every = { ...some, chosen: new Set(['a', 'b']) };
    expect(syncBodyOf(every, resources, spec).resources).toBeNull();
  });

  test("the application's options are switched on, and those without a switch are passed on", () => {
    const options = [
      'CreateNamespace=true',
      'FailOnSharedResource=true',
      'PrunePropagationPolicy=background',
    ];
    const draft = draftOf(['HEAD'], options);
    expect([...draft.options]).toEqual(['CreateNamespace=true']);
    expect(syncBodyOf(draft, resources, { ...spec, syncOptions: options }).syncOptions.items).toEqual([
      'FailOnSharedResource=true',
      'CreateNamespace=true',
      'PrunePropagationPolicy=background',
    ]);
  });

  test('switching an option of the application off leaves it out of the request', () => {
    const draft = { ...draftOf(['HEAD'], ['PruneLast=true']), options: new Set<never>() };
    const body = syncBodyOf(draft, resources, { ...spec, syncOptions: ['PruneLast=true'] });
    expect(body.syncOptions.items).toEqual([]);
  });

  test('what can lose objects or history is warned about', () => {
    const draft = { ...draftOf(['HEAD'], ['Replace=true']), force: true, chosen: new Set(['a']) };
    expect(warningsOf(draft, 2)).toHaveLength(3);
    expect(warningsOf(draftOf(['HEAD'], []), 2)).toEqual([]);
  });
});
