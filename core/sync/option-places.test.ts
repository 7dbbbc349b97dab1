import { describe, expect, it } from 'vitest';
import { misplacedObjectOptions, misplacedOptions } from './option-places.ts';

const key = { group: 'apps', kind: 'Deployment', namespace: 'prod', name: 'web' };
const annotated = (options: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', annotations: { 'argocd.argoproj.io/sync-options': options } },
});

describe('core/sync/option-places', () => {
  it('says that an application can not force its objects, and how they can be', () => {
    expect(misplacedOptions(['CreateNamespace=true', 'Force=true', 'Replace=true'])).toEqual([
      'sync option Force=true has no effect on an application; annotate the objects that it is for with argocd.argoproj.io/sync-options: Force=true, or sync once with keelson app sync NAME --force',
    ]);
  });

  it.each(['ApplyOutOfSyncOnly', 'CreateNamespace', 'FailOnSharedResource', 'RespectIgnoreDifferences'])(
    'says that %s belongs to the application',
    (option) => {
      expect(misplacedObjectOptions(annotated(`Prune=false, ${option}=true`), key)).toEqual([
        `apps/Deployment prod/web: sync option ${option}=true has no effect on an object; put it into spec.syncPolicy.syncOptions of the application`,
      ]);
    },
  );

  it('has nothing to say of options in their place, and of words that it does not know', () => {
    const options =
      'Prune=confirm,Delete=false,Force=true,Replace=true,ServerSideApply=false,Validate=false,Own=1';
    expect(misplacedObjectOptions(annotated(options), key)).toEqual([]);
    expect(misplacedOptions(['Prune=false', 'PruneLast=true', 'Own=1'])).toEqual([]);
  });

  it('says that a namespace is never recreated', () => {
    const namespace = { group: '', kind: 'Namespace', namespace: '', name: 'prod' };
    expect(misplacedObjectOptions(annotated('Force=true'), namespace)).toEqual([
      'Namespace prod: sync option Force=true has no effect on a Namespace, which is never recreated by a sync; remove it',
    ]);
  });
});
