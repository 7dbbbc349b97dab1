import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { type DeleteInput, leftovers, planDelete } from './plan-delete.ts';
import type { DesiredObject, LiveObject } from './plan-input.ts';

const wave = 'argocd.argoproj.io/sync-wave';
const options = 'argocd.argoproj.io/sync-options';

function object(name: string, annotations: Record<string, string> = {}, extra: object = {}): LiveObject {
  const key = { group: '', kind: 'ConfigMap', namespace: 'prod', name };
  return tracked({ key, apiVersion: 'v1' }, annotations, extra);
}

function tracked(
  { key, apiVersion }: Pick<LiveObject, 'key' | 'apiVersion'>,
  annotations: Record<string, string> = {},
  extra: object = {},
): LiveObject {
  const id = `shop:${key.group}/${key.kind}:${key.namespace}/${key.name}`;
  return {
    key,
    uid: `uid-${key.name}`,
    apiVersion,
    metadata: { annotations: { 'argocd.argoproj.io/tracking-id': id, ...annotations }, ...extra },
    changed: false,
  };
}

function hook(name: string, phases: string, annotations: Record<string, string> = {}): DesiredObject {
  const manifest: Manifest = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, annotations: { 'argocd.argoproj.io/hook': phases, ...annotations } },
  };
  return { manifest, digest: `digest-${name}`, namespaced: true };
}

function plan(live: LiveObject[], change: Partial<DeleteInput> & { syncOptions?: string[] } = {}) {
  const { syncOptions = [], ...rest } = change;
  return planDelete({ ...inputOf(live, syncOptions), ...rest });
}

function inputOf(live: LiveObject[], syncOptions: string[] = []): DeleteInput {
  return {
    live,
    desired: [],
    application: {
      name: 'shop',
      namespace: 'argocd',
      instance: 'shop',
      destinationNamespace: 'prod',
      syncOptions,
      tracking: { method: 'annotation' },
    },
    cascade: 'foreground',
    refusalOf: () => undefined,
    skipPreDelete: false,
    operation: { startedAtUnix: 1_700_000_000, revision: 'abcdef0123' },
  };
}

const lines = ({ steps }: ReturnType<typeof planDelete>): string[] =>
  steps.map(({ phase, wave, batch, action, key }) => `${phase} ${wave}.${batch} ${action} ${key.name}`);

describe('core/sync/plan-delete', () => {
  it('asks before it deletes what this installation has never applied, and not about what stays anyway', () => {
    const { steps } = plan([
      { ...object('stranger'), stranger: true },
      { ...object('willing', { [options]: 'Delete=true' }), stranger: true },
      { ...object('kept', { [options]: 'Delete=false' }), stranger: true },
      object('own'),
    ]);
    expect(steps.map(({ key, action, needsApproval }) => [key.name, action, needsApproval])).toEqual([
      ['kept', 'skip-prune', undefined],
      ['own', 'prune', undefined],
      ['stranger', 'prune', true],
      ['willing', 'prune', true],
    ]);
  });

  it('deletes the highest wave first and waits for each wave', () => {
    const planned = plan([
      object('first', { [wave]: '-1' }),
      object('last', { [wave]: '2' }),
      object('middle'),
    ]);
    expect(lines(planned)).toEqual([
      'Delete 2.0 prune last',
      'Delete 0.0 prune middle',
      'Delete -1.0 prune first',
    ]);
    expect(planned.groups.map(({ first, count, settle }) => [first, count, settle])).toEqual([
      [0, 1, true],
      [1, 1, true],
      [2, 1, true],
    ]);
  });

  it('runs PreDelete hooks in their waves before, and PostDelete hooks after the deletions', () => {
    const desired = [
      hook('after', 'PostDelete'),
      hook('second', 'PreDelete', { [wave]: '1' }),
      hook('both', 'PreDelete,PostDelete'),
      hook('helm', '', { 'helm.sh/hook': 'pre-delete' }),
      hook('sync', 'PreSync,PostSync'),
    ];
    const planned = plan([object('app')], { desired });
    expect(lines(planned)).toEqual([
      'PreDelete 0.0 create-hook both',
      'PreDelete 0.0 create-hook helm',
      'PreDelete 1.0 create-hook second',
      'Delete 0.0 prune app',
      'PostDelete 0.0 create-hook after',
      'PostDelete 0.0 create-hook both',
    ]);
    expect(planned.steps[0]).toMatchObject({
      digest: 'digest-both',
      deletePolicies: ['BeforeHookCreation'],
      key: { namespace: 'prod' },
    });
    expect(lines(plan([object('app')], { desired, skipPreDelete: true }))).toEqual([
      'Delete 0.0 prune app',
      'PostDelete 0.0 create-hook after',
      'PostDelete 0.0 create-hook both',
    ]);
  });

  it('plans hooks alone where the objects stay, if they are asked for by themselves', () => {
    const desired = [hook('before', 'PreDelete'), hook('after', 'PostDelete')];
    const asked = { desired, cascade: 'none' } as const;
    expect(lines(plan([object('app')], { ...asked, hooksAlone: true }))).toEqual([
      'PreDelete 0.0 create-hook before',
      'PostDelete 0.0 create-hook after',
    ]);
    expect(lines(plan([object('app')], asked))).toEqual([]);
  });

  it('makes generated names of hooks final', () => {
    const generated = hook('', 'PreDelete');
    const manifest = {
      ...generated.manifest,
      metadata: { ...generated.manifest.metadata, generateName: 'pre-' },
    };
    expect(plan([], { desired: [{ ...generated, manifest }] }).steps[0]?.key.name).toBe(
      'pre-abcdef0-predelete-1700000000',
    );
  });

  it('tells hooks without a name apart', () => {
    const desired = [hook('', 'PreDelete'), hook('', 'PreDelete')];
    expect(plan([], { desired }).steps.map(({ key }) => key.name)).toEqual([
      'abcdef0-predelete-1700000000',
      'abcdef0-predelete-1700000000-2',
    ]);
  });

  it('leaves the object of a hook that it creates to the creation', () => {
    const key = { group: 'batch', kind: 'Job', namespace: 'prod', name: 'before' };
    const planned = plan([tracked({ key, apiVersion: 'batch/v1' })], {
      desired: [hook('before', 'PreDelete')],
    });
    expect(lines(planned)).toEqual(['PreDelete 0.0 create-hook before']);
  });

  it('does nothing at all without cascade, hooks included', () => {
    expect(plan([object('app')], { desired: [hook('before', 'PreDelete')], cascade: 'none' })).toMatchObject({
      steps: [],
      groups: [],
    });
  });

  it.each<[string, LiveObject]>([
    ['an object with an owner', object('kept', {}, { ownerReferences: [{ uid: 'x' }] })],
    [
      'an object that another application tracks',
      object('kept', { 'argocd.argoproj.io/tracking-id': 'other:/ConfigMap:prod/kept' }),
    ],
    [
      'a copy of a tracking annotation',
      object('kept', { 'argocd.argoproj.io/tracking-id': 'shop:/Secret:prod/other' }),
    ],
    [
      'a definition',
      tracked({
        key: { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', namespace: '', name: 'a.b' },
        apiVersion: 'apiextensions.k8s.io/v1',
      }),
    ],
    [
      'the application itself',
      tracked({
        key: { group: 'argoproj.io', kind: 'Application', namespace: 'argocd', name: 'shop' },
        apiVersion: 'argoproj.io/v1alpha1',
      }),
    ],
  ])('leaves %s alone', (_, kept) => {
    expect(plan([kept]).steps).toEqual([]);
    expect(leftovers(inputOf([kept]), { steps: [] })).toEqual([]);
  });

  it.each<[string, LiveObject, string[], string]>([
    ['Delete=false on it', object('kept', { [options]: 'Delete=false' }), [], 'kept (Delete=false)'],
    ['Delete=false for all', object('kept'), ['Delete=false'], 'kept (Delete=false)'],
    [
      'a Helm policy',
      object('kept', { 'helm.sh/resource-policy': 'keep' }),
      [],
      'kept (helm.sh/resource-policy: keep)',
    ],
  ])('records an object that is kept for %s', (_, kept, syncOptions, note) => {
    expect(plan([kept], { syncOptions }).steps).toMatchObject([{ action: 'skip-prune', note }]);
    expect(leftovers(inputOf([kept], syncOptions), { steps: [] })).toEqual([]);
  });

  it('keeps what the project does not permit, and takes it for no leftover', () => {
    const refusalOf: DeleteInput['refusalOf'] = ({ name }) => (name === 'b' ? 'not permitted' : undefined);
    expect(plan([object('a'), object('b')], { refusalOf }).steps).toMatchObject([
      { action: 'prune', key: { name: 'a' } },
      { action: 'skip-prune', key: { name: 'b' }, note: 'kept (not permitted)' },
    ]);
    expect(leftovers({ ...inputOf([object('b')]), refusalOf }, { steps: [] })).toEqual([]);
  });

  it('takes the word of the object before that of the application', () => {
    const own = object('goes', { [options]: 'Delete=true' });
    expect(plan([own], { syncOptions: ['Delete=false'] }).steps).toMatchObject([{ action: 'prune' }]);
  });

  it('marks what has to be confirmed', () => {
    const asking = object('asking', { [options]: 'Delete=confirm' });
    expect(plan([asking, object('free')]).steps.map((step) => step.needsApproval)).toEqual([true, undefined]);
    expect(plan([object('free')], { syncOptions: ['Delete=confirm'] }).steps[0]?.needsApproval).toBe(true);
  });

  it('ties each deletion to the object that was seen, and lets go of hooks that are held', () => {
    const held = object('held', {}, { finalizers: ['argocd.argoproj.io/hook-finalizer'] });
    const [step] = plan([held], { cascade: 'background' }).steps;
    expect(step).toMatchObject({ uid: 'uid-held', propagationPolicy: 'background', release: true });
    expect(plan([object('one')]).steps[0]).not.toHaveProperty('release');
  });

  it('finds objects that came up while the others were deleted', () => {
    const planned = plan([object('one'), object('kept', { [options]: 'Delete=false' })]);
    const again = { ...object('one'), uid: 'another' };
    const found = leftovers(inputOf([again, object('kept'), object('new')]), planned);
    expect(found.map(({ name }) => name)).toEqual(['one', 'new']);
  });
});
