import { describe, expect, it } from 'vitest';
import { base, desired, hook, live, request } from '../plan/plan-sync-cases.ts';
import { sharedResources } from '../tracking/shared.ts';
import { selectAnew } from './selection.ts';

const first = [{ group: 'apps', kind: 'Deployment', name: 'web', namespace: 'prod' }];
const names = (...chosen: Parameters<typeof selectAnew>) =>
  selectAnew(...chosen).map(({ kind, name }) => `${kind}/${name}`);

describe('core/sync/selection', () => {
  it('chooses for a retry what is missing, differs or is left over by then, and no hooks', () => {
    const input = {
      ...base,
      request: { ...request, resources: first },
      desired: [
        desired('Namespace', 'prod', { namespaced: false }),
        desired('ConfigMap', 'same'),
        desired('ConfigMap', 'other'),
        desired('ConfigMap', 'skipped', { annotations: { [hook]: 'Skip' } }),
        desired('batch/Job', 'before', { annotations: { [hook]: 'PreSync' } }),
        desired('apps/Deployment', 'web'),
      ],
      live: [
        live('ConfigMap', 'same'),
        live('ConfigMap', 'other', { changed: true }),
        live('ConfigMap', 'old'),
      ],
    };
    expect(names(input)).toEqual(['Namespace/prod', 'ConfigMap/other', 'Deployment/web', 'ConfigMap/old']);
    expect(selectAnew(input)[0]).toEqual({ group: '', kind: 'Namespace', name: 'prod' });
  });

  it('keeps the first choice where nothing differs, since choosing nothing would mean everything', () => {
    const input = {
      ...base,
      request: { ...request, resources: first },
      desired: [desired('ConfigMap', 'same')],
      live: [live('ConfigMap', 'same')],
    };
    expect(selectAnew(input)).toBe(input.request.resources);
  });
});

describe('core/sync/shared', () => {
  const key = { group: '', kind: 'ConfigMap', namespace: 'prod', name: 'x' };
  const definition = {
    ...key,
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
    namespace: '',
  };

  it.each<[string, string, string[], string | undefined]>([
    ['nobody else has or desires', 'app', [], undefined],
    ['only it desires', 'app', ['app'], undefined],
    ['another owns', 'b', [], 'argocd/app and b'],
    ['another desires', 'app', ['app', 'b'], 'argocd/app and b'],
    ['another owns and desires', 'b', ['app', 'b'], 'argocd/app and b'],
    ['several others have to do with', 'b', ['c'], 'argocd/app, b and c'],
  ])('tells of an object that %s', (_, owner, others, words) => {
    const object = live('ConfigMap', 'x', { owner });
    const shared = sharedResources(
      [key],
      () => object,
      { ...base.application, title: 'argocd/app' },
      () => others,
    );
    expect([...shared.values()]).toEqual(
      words === undefined ? [] : [`ConfigMap/x is part of applications ${words}`],
    );
  });

  it('takes a definition that several bring for nothing to tell of', () => {
    expect(
      sharedResources(
        [definition],
        () => undefined,
        base.application,
        () => ['b'],
      ).size,
    ).toBe(0);
  });
});
