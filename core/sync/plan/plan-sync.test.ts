import { describe, expect, it } from 'vitest';
import { type PlanInput, planSync } from './plan-sync.ts';
import {
  base,
  desired,
  hook,
  line,
  lines,
  live,
  options,
  plan,
  request,
  trackingId,
  wave,
} from './plan-sync-cases.ts';

describe('core/sync/plan-sync', () => {
  it('plans nothing for nothing', () => {
    expect(plan({})).toEqual({ schemaVersion: 1, steps: [], groups: [], failureGroups: [] });
  });

  it('orders phases, waves and kinds, and puts each kind in a batch of its own', () => {
    const input = {
      desired: [
        desired('Service', 'web'),
        desired('apps/Deployment', 'web'),
        desired('ConfigMap', 'b'),
        desired('ConfigMap', 'a'),
        desired('Widget', 'late', { annotations: { [wave]: '1' } }),
        desired('batch/Job', 'before', { annotations: { [hook]: 'PreSync' } }),
        desired('batch/Job', 'after', { annotations: { [hook]: 'PostSync' } }),
        desired('batch/Job', 'broken', { annotations: { [hook]: 'SyncFail' } }),
      ],
    };
    expect(lines(input)).toEqual([
      'PreSync 0.0 create-hook Job/before',
      'Sync 0.0 apply ConfigMap/a',
      'Sync 0.0 apply ConfigMap/b',
      'Sync 0.1 apply Service/web',
      'Sync 0.2 apply Deployment/web',
      'Sync 1.0 apply Widget/late',
      'PostSync 0.0 create-hook Job/after',
      'SyncFail 0.0 create-hook Job/broken',
    ]);
    const { groups, failureGroups } = plan(input);
    expect(groups.map(({ first, count, settle }) => [first, count, settle])).toEqual([
      [0, 1, true],
      [1, 4, true],
      [5, 1, true],
      [6, 1, true],
    ]);
    expect(failureGroups).toEqual([{ phase: 'SyncFail', wave: 0, first: 7, count: 1, settle: true }]);
  });

  it('does not wait for the last group without hooks unless the gate says so', () => {
    const input = {
      desired: [
        desired('Service', 'web'),
        desired('batch/Job', 'f', { annotations: { [hook]: 'SyncFail' } }),
      ],
    };
    expect(plan(input).groups).toMatchObject([{ settle: false }]);
    expect(plan({ ...input, gate: 'all' }).groups).toMatchObject([{ settle: true }]);
  });

  it('writes down how, what and over which object', () => {
    const { steps } = plan({
      desired: [
        desired('Service', 'web', { annotations: { [options]: 'Validate=false' } }),
        desired('ConfigMap', 'new'),
      ],
      live: [live('Service', 'web', { changed: true })],
    });
    expect(steps[1]).toEqual({
      step: 1,
      phase: 'Sync',
      wave: 0,
      batch: 1,
      action: 'apply',
      apiVersion: 'v1',
      key: { group: '', kind: 'Service', namespace: 'prod', name: 'web' },
      digest: 'digest-Service-web',
      strategy: 'server-side',
      validate: false,
      changed: true,
      uid: 'uid-web',
    });
    expect(steps[0]).toMatchObject({ changed: true, validate: true });
    expect(steps[0]).not.toHaveProperty('uid');
  });

  it('puts an object without namespace into the destination, and a cluster-scoped one into none', () => {
    const { steps } = plan({
      desired: [
        desired('Service', 'a'),
        desired('Service', 'b', { namespace: 'other' }),
        desired('ClusterRole', 'c', { namespaced: false, namespace: 'wrong' }),
        { ...desired('Widget', 'd'), namespaced: undefined },
      ],
    });
    expect(steps.map((step) => step.key.namespace)).toEqual(['', 'prod', 'other', 'prod']);
  });

  it('makes a step of a hook for each of its phases, with its delete policies', () => {
    const annotations = {
      [hook]: 'PreSync,PostSync',
      'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded',
    };
    const { steps } = plan({ desired: [desired('batch/Job', 'twice', { annotations })] });
    expect(steps.map(line)).toEqual([
      'PreSync 0.0 create-hook Job/twice',
      'PostSync 0.0 create-hook Job/twice',
    ]);
    expect(steps[0]).toMatchObject({ deletePolicies: ['HookSucceeded'], strategy: 'create' });
  });

  it('gives generated hooks final names that never collide', () => {
    const annotations = { [hook]: 'PreSync,Sync' };
    expect(
      lines({
        desired: [desired('batch/Job', 'db-', { annotations }), desired('batch/Job', 'db-', { annotations })],
      }),
    ).toEqual([
      'PreSync 0.0 create-hook Job/db-0123456-presync-1700000000',
      'PreSync 0.0 create-hook Job/db-0123456-presync-1700000000-2',
      'Sync 0.0 create-hook Job/db-0123456-sync-1700000000',
      'Sync 0.0 create-hook Job/db-0123456-sync-1700000000-2',
    ]);
  });

  it('leaves out skipped objects and hooks without a known phase', () => {
    expect(
      lines({
        desired: [
          desired('batch/Job', 'a', { annotations: { [hook]: 'Skip' } }),
          desired('batch/Job', 'b', { annotations: { [hook]: 'Sometime' } }),
          desired('batch/Job', 'c', { annotations: { 'helm.sh/hook': 'test' } }),
          desired('batch/Job', 'd', { annotations: { [hook]: 'PreDelete' } }),
        ],
      }),
    ).toEqual([]);
  });

  it('creates the destination namespace in front of everything when it is missing', () => {
    const input = {
      application: { ...base.application, syncOptions: ['CreateNamespace=true'] },
      namespaceExists: false,
      desired: [desired('batch/Job', 'early', { annotations: { [hook]: 'PreSync', [wave]: '-5' } })],
    };
    expect(lines(input)).toEqual([
      'PreSync -5.0 create-namespace Namespace/prod',
      'PreSync -5.1 create-hook Job/early',
    ]);
    expect(lines({ ...input, desired: [desired('Service', 'web')] })).toEqual([
      'PreSync 0.0 create-namespace Namespace/prod',
      'Sync 0.0 apply Service/web',
    ]);
    expect(lines({ ...input, desired: [], namespaceExists: true })).toEqual([]);
    expect(lines({ ...input, desired: [desired('Namespace', 'prod', { namespaced: false })] })).toEqual([
      'Sync 0.0 apply Namespace/prod',
    ]);
    expect(
      lines({ ...input, request: { ...request, syncOptions: ['Validate=false'] }, desired: [] }),
    ).toEqual([]);
  });

  it('moves a namespace in front of its first user, into that phase and wave', () => {
    expect(
      lines({
        desired: [
          desired('Namespace', 'prod', { namespaced: false, annotations: { [wave]: '5' } }),
          desired('Namespace', 'free', { namespaced: false, annotations: { [wave]: '5' } }),
          desired('batch/Job', 'before', { annotations: { [hook]: 'PreSync', [wave]: '-1' } }),
          desired('Service', 'web'),
        ],
      }),
    ).toEqual([
      'PreSync -1.0 apply Namespace/prod',
      'PreSync -1.1 create-hook Job/before',
      'Sync 0.0 apply Service/web',
      'Sync 5.0 apply Namespace/free',
    ]);
  });

  it('moves a CRD in front of the first object of its kind', () => {
    const crd = desired('apiextensions.k8s.io/CustomResourceDefinition', 'widgets.example.com', {
      namespaced: false,
      annotations: { [wave]: '3' },
      spec: { group: 'example.com', names: { kind: 'Widget' } },
    });
    expect(
      lines({ desired: [crd, desired('example.com/Widget', 'w', { annotations: { [wave]: '1' } })] }),
    ).toEqual(['Sync 1.0 apply CustomResourceDefinition/widgets.example.com', 'Sync 1.1 apply Widget/w']);
  });

  it('drops hooks for a selection and for the apply strategy', () => {
    const objects = [
      desired('batch/Job', 'before', { annotations: { [hook]: 'PreSync' } }),
      desired('Service', 'a'),
      desired('Service', 'b'),
    ];
    expect(lines({ desired: objects, request: { ...request, strategy: 'apply' } })).toEqual([
      'Sync 0.0 apply Service/a',
      'Sync 0.0 apply Service/b',
    ]);
    const resources = [{ group: '', kind: 'Service', name: 'a' }];
    expect(
      lines({ desired: objects, live: [live('Service', 'old')], request: { ...request, resources } }),
    ).toEqual(['Sync 0.0 apply Service/a']);
    const elsewhere = [{ group: '', kind: 'Service', name: 'a', namespace: 'dev' }];
    expect(lines({ desired: objects, request: { ...request, resources: elsewhere } })).toEqual([]);
  });

  it('applies only what differs when asked to, and still creates, prunes and runs hooks', () => {
    expect(
      lines({
        request: { ...request, syncOptions: ['ApplyOutOfSyncOnly=true'] },
        desired: [
          desired('Service', 'same'),
          desired('Service', 'changed'),
          desired('Service', 'new'),
          desired('ConfigMap', 'hook', { annotations: { [hook]: 'Sync' } }),
        ],
        live: [
          live('Service', 'same'),
          live('Service', 'changed', { changed: true }),
          live('Service', 'old'),
          live('ConfigMap', 'hook'),
        ],
      }),
    ).toEqual([
      'Sync 0.0 prune Service/old',
      'Sync 0.1 create-hook ConfigMap/hook',
      'Sync 0.2 apply Service/changed',
      'Sync 0.2 apply Service/new',
    ]);
  });

  it('takes the last of several objects with one key and warns', () => {
    const result = planSync({
      ...base,
      desired: [
        desired('Service', 'a'),
        { ...desired('Service', 'a'), digest: 'last' },
        desired('Service', 'a', { namespace: 'x' }),
      ],
    });
    expect(result.plan?.steps.map((step) => step.digest)).toEqual(['last', 'digest-Service-a']);
    expect(result.warnings).toEqual([
      'Resource /Service/prod/a appeared 2 times among application resources.',
    ]);
  });

  it('warns of a shared object, and refuses the sync when told to', () => {
    const input = {
      ...base,
      application: { ...base.application, title: 'argocd/app' },
      desired: [desired('Service', 'a'), desired('Service', 'b')],
      live: [live('Service', 'a', { owner: 'other' }), live('Service', 'b')],
    };
    const warning = 'Service/a is part of applications argocd/app and other';
    expect(planSync(input)).toMatchObject({ warnings: [warning], plan: { steps: [{}, {}] } });
    const strict = { ...input, request: { ...request, syncOptions: ['FailOnSharedResource=true'] } };
    expect(planSync(strict).plan).toMatchObject({
      refused: `Shared resource found: ${warning}`,
      groups: [],
      steps: [{ key: { name: 'a' }, note: `Shared resource found: ${warning}` }],
    });
  });

  it('takes a copied tracking id for no owner of a shared object', () => {
    const annotations = { [trackingId]: 'other:/Service:prod/source' };
    const result = planSync({
      ...base,
      desired: [desired('Service', 'a')],
      live: [live('Service', 'a', { annotations })],
    });
    expect(result.warnings).toEqual([]);
  });

  it('refuses what the project does not permit, hooks and the namespace to be made among it, and prunes beside', () => {
    const refusalOf: PlanInput['refusalOf'] = ({ kind, name }) =>
      ['Secret', 'Job', 'Namespace'].includes(kind) ? `${name} is not permitted` : undefined;
    const { plan: refused } = planSync({
      ...base,
      application: { ...base.application, syncOptions: ['CreateNamespace=true'] },
      namespaceExists: false,
      refusalOf,
      desired: [
        desired('Service', 'a'),
        desired('Secret', 'b'),
        desired('batch/Job', 'c', { annotations: { [hook]: 'PreSync' } }),
      ],
    });
    expect(refused.groups).toEqual([]);
    expect(refused.steps.map(({ action, note }) => [action, note])).toEqual([
      ['create-namespace', 'Namespace prod: prod is not permitted'],
      ['create-hook', 'batch/Job prod/c: c is not permitted'],
      ['apply', 'Secret prod/b: b is not permitted'],
    ]);
    expect(refused.refused).toContain('one or more synchronization tasks are not valid: Namespace prod');
    // What a heal chooses is judged alone, and a namespace that stands is not made.
    const chosen = { ...request, resources: [{ group: '', kind: 'Service', name: 'a' }] };
    expect(
      lines({ refusalOf, request: chosen, desired: [desired('Service', 'a'), desired('Secret', 'b')] }),
    ).toEqual(['Sync 0.0 apply Service/a']);
  });

  it('refuses an ordinary object with a generated name and an object without any namespace', () => {
    const application = { ...base.application, destinationNamespace: '' };
    const { plan: refused } = planSync({
      ...base,
      application,
      desired: [
        desired('Pod', 'x-'),
        desired('Service', 'a'),
        desired('Namespace', 'n', { namespaced: false }),
      ],
    });
    expect(refused.groups).toEqual([]);
    expect(refused.steps.map(({ step, key, note }) => [step, key.kind, note])).toEqual([
      [0, 'Service', 'Service a: has no namespace; set metadata.namespace or spec.destination.namespace'],
      [
        1,
        'Pod',
        'Pod x-*: has only generateName, which only hooks can use; give it metadata.name; has no namespace; set metadata.namespace or spec.destination.namespace',
      ],
    ]);
    expect(refused.refused).toBe(
      `one or more synchronization tasks are not valid: ${refused.steps.map(({ note }) => note).join('; ')}`,
    );
    expect(refused.steps[0]).not.toHaveProperty('problem');
    expect(refused.steps[0]).not.toHaveProperty('manifest');
  });

  const unknownKind = 'resource mapping not found';
  const definition = (group: string, versions: readonly string[] = []) =>
    desired('apiextensions.k8s.io/CustomResourceDefinition', `widgets.${group}`, {
      namespaced: false,
      spec: { group, names: { kind: 'Widget' }, versions: versions.map((name) => ({ name })) },
    });
  const widget = { ...desired('example.com/Widget', 'w'), unknownKind };

  it.each<[string, Partial<PlanInput>, boolean]>([
    ['nothing brings it', { desired: [widget] }, true],
    ['its definition is part of the sync', { desired: [widget, definition('example.com')] }, false],
    [
      'its definition serves the version',
      { desired: [widget, definition('example.com', ['v2', 'v1'])] },
      false,
    ],
    ['its definition serves other versions', { desired: [widget, definition('example.com', ['v2'])] }, true],
    ['another group defines a kind of that name', { desired: [widget, definition('other.org')] }, true],
    [
      'the object skips the dry run',
      {
        desired: [
          {
            ...desired('example.com/Widget', 'w', {
              annotations: { [options]: 'SkipDryRunOnMissingResource=true' },
            }),
            unknownKind,
          },
        ],
      },
      false,
    ],
    [
      'the application skips the dry run',
      { desired: [widget], request: { ...request, syncOptions: ['SkipDryRunOnMissingResource=true'] } },
      false,
    ],
    [
      'the object is not selected',
      {
        desired: [widget, desired('Service', 'a')],
        request: { ...request, resources: [{ group: '', kind: 'Service', name: 'a' }] },
      },
      false,
    ],
  ])('judges an unknown kind when %s', (_name, input, refuses) => {
    const { plan: made } = planSync({ ...base, ...input });
    expect(made.refused !== undefined).toBe(refuses);
    if (refuses) expect(made.steps).toMatchObject([{ key: { kind: 'Widget' }, note: expect.any(String) }]);
  });

  it('names every object at fault, and the hook of several phases once', () => {
    const annotations = { [hook]: 'PreSync,PostSync' };
    const task = { ...desired('example.com/Task', 't', { annotations }), unknownKind };
    const { plan: made } = planSync({ ...base, desired: [widget, task, desired('Service', 'fine')] });
    expect(made.refused).toBe(
      'one or more synchronization tasks are not valid: example.com/Task prod/t, example.com/Widget prod/w: resource mapping not found',
    );
    expect(made.steps.map(({ phase, key }) => [phase, key.name])).toEqual([
      ['PreSync', 't'],
      ['Sync', 'w'],
      ['PostSync', 't'],
    ]);
  });

  it('keeps labels and annotations of the destination namespace at every sync', () => {
    const managedNamespaceMetadata = { labels: { team: 'a' } };
    const application = {
      ...base.application,
      syncOptions: ['CreateNamespace=true'],
      managedNamespaceMetadata,
    };
    const input = { application, desired: [desired('Service', 'web')] };
    expect(plan(input).steps[0]).toMatchObject({
      action: 'create-namespace',
      namespaceMetadata: managedNamespaceMetadata,
    });
    const own = desired('Namespace', 'prod', { namespaced: false });
    expect(lines({ ...input, desired: [own] })).toEqual(['Sync 0.0 apply Namespace/prod']);
    const without = { ...application, syncOptions: [] };
    expect(lines({ ...input, application: without })).toEqual(['Sync 0.0 apply Service/web']);
  });

  it('neither syncs nor prunes an object whose hook word is unknown, or whose kind is excluded', () => {
    const annotations = { [hook]: 'Presync' };
    const result = planSync({
      ...base,
      desired: [
        desired('Service', 'typo', { annotations }),
        { ...desired('Service', 'out'), excluded: true },
        desired('ConfigMap', 'new'),
      ],
      live: [live('Service', 'typo'), live('Service', 'out'), live('Service', 'old')],
    });
    expect(result.plan.steps.map(line)).toEqual([
      'Sync 0.0 prune Service/old',
      'Sync 0.1 apply ConfigMap/new',
    ]);
    expect(result.warnings).toEqual([
      'Service prod/typo: hook "Presync" is not known, the object is neither synced nor pruned; use PreSync, Sync, PostSync, SyncFail, Skip, PreDelete, PostDelete, or remove the annotation',
      'Resource /Service out is excluded in the settings',
    ]);
  });

  it('prunes what another tracking method had marked before', () => {
    const marked = {
      ...live('Service', 'old', { annotations: { [trackingId]: '' } }),
      formerlyTracked: true,
    };
    expect(lines({ live: [marked] })).toEqual(['Sync 0.0 prune Service/old']);
  });
});
