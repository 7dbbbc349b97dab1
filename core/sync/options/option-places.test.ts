import { describe, expect, it } from 'vitest';
import { objectOptionWarnings, optionWarnings } from './option-places.ts';

const key = { group: 'apps', kind: 'Deployment', namespace: 'prod', name: 'web' };
const annotated = (options: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', annotations: { 'argocd.argoproj.io/sync-options': options } },
});

describe('core/sync/option-places', () => {
  it('says that an application can not force its objects, and how they can be', () => {
    expect(optionWarnings(['CreateNamespace=true', 'Force=true', 'Replace=true'])).toEqual([
      'sync option Force=true has no effect on an application; annotate the objects that it is for with argocd.argoproj.io/sync-options: Force=true, or sync once with keelson app sync NAME --force',
    ]);
  });

  it.each(['ApplyOutOfSyncOnly', 'CreateNamespace', 'FailOnSharedResource', 'RespectIgnoreDifferences'])(
    'says that %s belongs to the application',
    (option) => {
      expect(objectOptionWarnings(annotated(`Prune=false, ${option}=true`), key)).toEqual([
        `apps/Deployment prod/web: sync option ${option}=true has no effect on an object; put it into spec.syncPolicy.syncOptions of the application`,
      ]);
    },
  );

  it.each([
    ['CreateNamespce=true', 'is unknown and has no effect; write CreateNamespace=true if that was meant'],
    ['prune=false', 'is unknown and has no effect; write Prune=false if that was meant'],
    ['Own=1', 'is unknown and has no effect; remove it'],
    ['toString=true', 'is unknown and has no effect; remove it'],
    [
      'Prune=no',
      'has a value that is unknown, and no effect; write Prune=true or Prune=false or Prune=confirm',
    ],
    ['Replace=', 'has a value that is unknown, and no effect; write Replace=true or Replace=false'],
  ])('says that %s does nothing, for an application and for an object', (option, words) => {
    expect(optionWarnings([option])).toEqual([`sync option ${option} ${words}`]);
    expect(objectOptionWarnings(annotated(option), key)).toEqual([
      `apps/Deployment prod/web: sync option ${option} ${words}`,
    ]);
  });

  it('has nothing to say of options in their place', () => {
    const options = 'Prune=confirm,Delete=false,Force=true,Replace=true,ServerSideApply=false,Validate=false';
    expect(objectOptionWarnings(annotated(options), key)).toEqual([]);
    expect(optionWarnings(['Prune=false', 'PruneLast=true', 'PrunePropagationPolicy=orphan'])).toEqual([]);
  });

  it('says that a namespace is never recreated', () => {
    const namespace = { group: '', kind: 'Namespace', namespace: '', name: 'prod' };
    expect(objectOptionWarnings(annotated('Force=true'), namespace)).toEqual([
      'Namespace prod: sync option Force=true has no effect on a Namespace, which is never recreated by a sync; remove it',
    ]);
  });
});
