import { describe, expect, it } from 'vitest';
import { holdingOf } from '../installation/holder.ts';
import { parseSyncOptions } from '../options/options.ts';
import {
  type Deletable,
  type DeleteWarrant,
  hookObjectFate,
  judgeDelete,
  judgeHookEnd,
} from './judge-delete.ts';

const id = 'argocd.argoproj.io/tracking-id';
const installation = 'argocd.argoproj.io/installation-id';
const label = 'app.kubernetes.io/instance';
const step = 'keelson.dev/step';
const policy = 'argocd.argoproj.io/hook-delete-policy';
const options = (value: string) => ({ 'argocd.argoproj.io/sync-options': value });

const key = { group: '', kind: 'ConfigMap', namespace: 'prod', name: 'x' };
const ours = 'shop:/ConfigMap:prod/x';

function object(annotations: Record<string, string> = {}, metadata: object = {}): Deletable {
  return { key, metadata: { uid: 'u', annotations: { [id]: ours, ...annotations }, ...metadata } };
}

const owner = { instance: 'shop', tracking: { method: 'annotation' } } as const;
const warrant: DeleteWarrant = {
  owner,
  uid: 'u',
  cause: 'prune',
  options: parseSyncOptions([]),
  approved: false,
};
const goes = { act: 'delete' };
const stays = (reason: string) => ({ act: 'keep', reason });

describe('core/sync/judge-delete', () => {
  it.each<[string, Deletable, Partial<DeleteWarrant>, object]>([
    ['is as the plan saw it', object(), {}, goes],
    ['had no uid when the plan was made', object({}, { uid: 'other' }), { uid: undefined }, goes],
    [
      'is a successor of the one that was meant',
      object({}, { uid: 'other' }),
      {},
      stays('another object has taken this name since the plan was made'),
    ],
    [
      'was taken over by another application',
      object({ [id]: 'other:/ConfigMap:prod/x' }),
      {},
      stays('ignored (it belongs to application other)'),
    ],
    [
      'has lost its tracking id',
      object({ [id]: '' }),
      {},
      stays('ignored (it does not say any more which application it belongs to)'),
    ],
    [
      'was marked by another installation',
      object({ [installation]: 'b' }),
      {},
      stays('ignored (it belongs to application shop of the installation with the installationID b)'),
    ],
    [
      'carries a copied tracking id',
      object({ [id]: 'shop:/Secret:prod/y' }),
      {},
      stays('ignored (its tracking id names another object)'),
    ],
    [
      'was given an owner',
      object({}, { ownerReferences: [{ apiVersion: 'v1', kind: 'Secret', name: 's', uid: 's' }] }),
      {},
      stays('ignored (it is owned by Secret s)'),
    ],
    ['is being deleted by somebody', object({}, { deletionTimestamp: 'now' }), {}, { act: 'leave' }],
    [
      'is being deleted and belongs to another application',
      object({ [id]: 'other:/ConfigMap:prod/x' }, { deletionTimestamp: 'now' }),
      {},
      stays('ignored (it belongs to application other)'),
    ],
    ['is in the source again', object(), { wanted: true }, stays('ignored (the source has it again)')],
    ['says Prune=false', object(options('Prune=false')), {}, stays('ignored (no prune)')],
    [
      'says nothing and its application says Prune=false',
      object(),
      { options: parseSyncOptions(['Prune=false']) },
      stays('ignored (no prune)'),
    ],
    [
      'says Prune=true against its application',
      object(options('Prune=true')),
      { options: parseSyncOptions(['Prune=false']) },
      goes,
    ],
    ['says Prune=confirm and is confirmed', object(options('Prune=confirm')), { approved: true }, goes],
    [
      'says Prune=confirm since the plan was made',
      object(options('Prune=confirm')),
      {},
      stays('ignored (Prune=confirm was set after the sync was planned; sync again to be asked)'),
    ],
    ['says Delete=false and is pruned', object(options('Delete=false')), {}, goes],
    ['says Prune=false and its application goes', object(options('Prune=false')), { cause: 'removal' }, goes],
    [
      'says Delete=false and its application goes',
      object(options('Delete=false')),
      { cause: 'removal' },
      stays('kept (Delete=false)'),
    ],
    [
      'is kept for Helm',
      object({ 'helm.sh/resource-policy': 'keep' }),
      { cause: 'removal' },
      stays('kept (helm.sh/resource-policy: keep)'),
    ],
    [
      'says Delete=confirm since the plan was made',
      object(options('Delete=confirm')),
      { cause: 'removal' },
      stays('kept (Delete=confirm was set after the deletion was planned; delete again to be asked)'),
    ],
    [
      'says Delete=confirm and is confirmed',
      object(options('Delete=confirm')),
      { cause: 'removal', approved: true },
      goes,
    ],
    [
      'is ours by a label of our own hand',
      object({ [id]: '' }, { labels: { [label]: 'shop' } }),
      { formerlyTracked: true },
      goes,
    ],
    [
      'is ours by its label',
      object({ [id]: '' }, { labels: { [label]: 'shop' } }),
      { owner: { instance: 'shop', tracking: { method: 'label' } } },
      goes,
    ],
  ])('judges the deletion of an object that %s', (_, live, change, verdict) => {
    expect(judgeDelete(live, { ...warrant, ...change })).toEqual(verdict);
  });

  const stamped = (stamp: string, metadata: object = {}, annotations = {}) =>
    object({ [step]: stamp, ...annotations }, metadata);

  it.each<[string, Deletable, string]>([
    ['made by this very step', stamped('op/1/0'), 'adopt'],
    ['made by this very step and being deleted', stamped('op/1/0', { deletionTimestamp: 'now' }), 'adopt'],
    ['of an earlier sync', stamped('old/1/0'), 'replace'],
    ['of the application that was no hook before', object(), 'replace'],
    [
      'with a stamp and no tracking id',
      stamped('old/1/0', { annotations: { [step]: 'old/1/0' } }),
      'replace',
    ],
    ['that is being deleted', object({ [id]: '' }, { deletionTimestamp: 'now' }), 'await'],
    ['that nobody has marked', object({ [id]: '' }), 'replace'],
    ['of another application', stamped('old/1/0', {}, { [id]: 'other:/ConfigMap:prod/x' }), 'refuse'],
    ['of another installation', stamped('old/1/0', {}, { [installation]: 'b' }), 'refuse'],
  ])('decides about an object %s under the name of a hook', (_, live, fate) => {
    const holding = holdingOf(live, owner, true);
    const hook = { stamp: 'op/1/0', policies: ['BeforeHookCreation'], holding } as const;
    expect(hookObjectFate(live, hook)).toBe(fate);
    const without = hookObjectFate(live, { ...hook, policies: ['HookFailed', 'HookSucceeded'] });
    expect(without).toBe(['replace', 'refuse'].includes(fate) ? 'apply-over' : fate);
  });

  it.each<[group: string, kind: string, fate: string]>([
    ['', 'Namespace', 'apply-over'],
    ['apiextensions.k8s.io', 'CustomResourceDefinition', 'apply-over'],
    ['', 'PersistentVolume', 'apply-over'],
    ['', 'PersistentVolumeClaim', 'apply-over'],
    ['batch', 'Job', 'replace'],
  ])(
    'deletes nobody’s object of kind %s %s under the name of a hook only where nothing goes along',
    (group, kind, fate) => {
      const live = { ...object({ [id]: '' }), key: { ...key, group, kind } };
      const hook = { stamp: 'op/1/0', policies: ['BeforeHookCreation'] } as const;
      expect(hookObjectFate(live, { ...hook, holding: { by: 'nobody' } })).toBe(fate);
      // The application's own goes: so it is in the reference, and its hook is said to be made anew.
      expect(hookObjectFate(live, { ...hook, holding: { by: 'application' } })).toBe('replace');
    },
  );

  it.each<[string, Deletable, 'HookSucceeded' | undefined, object]>([
    ['whose policy says so', stamped('op/1/0', {}, { [policy]: 'HookSucceeded' }), 'HookSucceeded', goes],
    ['that was cut short', stamped('op/1/0'), undefined, goes],
    [
      'whose policy was taken off',
      stamped('op/1/0'),
      'HookSucceeded',
      stays('its delete policy does not say HookSucceeded any more'),
    ],
    ['of a newer sync', stamped('new/1/0'), undefined, stays('it was made by another step')],
    [
      'that another application has taken over',
      stamped('op/1/0', {}, { [id]: 'other:/ConfigMap:prod/x' }),
      undefined,
      stays('it belongs to application other'),
    ],
    [
      'that another installation has taken over',
      stamped('op/1/0', {}, { [installation]: 'b' }),
      undefined,
      stays('it belongs to application shop of the installation with the installationID b'),
    ],
    ['that is being deleted', stamped('op/1/0', { deletionTimestamp: 'now' }), undefined, { act: 'leave' }],
  ])('judges the end of a hook object %s', (_, live, said, verdict) => {
    expect(judgeHookEnd(live, { stamp: 'op/1/0', owner, policy: said })).toEqual(verdict);
  });
});
