import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { configMap, hookJob, wave, yamlOf } from '../../support/keelson/applications.ts';
import {
  bare,
  heldHook,
  installation,
  jobKey,
  mapKey,
  meddlingWith,
  namespaceOf,
  somebody,
  stepNamed,
  task,
  trackingId,
  until,
} from '../../support/keelson/meddling.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';

let keelson: TestKeelson;

beforeAll(async () => {
  keelson = await startKeelson();
});

afterAll(async () => {
  await keelson?.stop();
});

const { uidOf, mapThere, repositoryOf, created, untilHeld, resume } = meddlingWith(() => keelson);
const policyOf = (value: string) => ({ 'argocd.argoproj.io/hook-delete-policy': value });
const hooked = (policy: string) => ({ 'argocd.argoproj.io/hook': 'PreSync', ...policyOf(policy) });

describe.concurrent('hooks and what has their name', () => {
  it('applies a hook over what stands there where its policy lets that stay', async () => {
    await keelson.cluster.create(namespaceOf('names'));
    await keelson.cluster.create(bare('names', 'foreign', {}), somebody);
    await keelson.cluster.create(bare('names', 'others', trackingId('b', 'names', 'others')), somebody);
    const stays = policyOf('HookSucceeded,HookFailed');
    const kept = { ...hooked('HookFailed') };
    const repository = await repositoryOf('names', {
      'a.yaml': [
        configMap('foreign', { ours: '1' }, kept),
        configMap('others', { ours: '1' }, kept),
        hookJob('finished', 'PreSync', policyOf('HookFailed')),
        hookJob('anew', 'PreSync', policyOf('BeforeHookCreation,HookFailed')),
        hookJob('gone', 'PreSync', stays),
      ],
    });
    const uids = () =>
      Promise.all([
        ...['foreign', 'others'].map((name) => uidOf('v1', mapKey('names', name))),
        ...['finished', 'anew'].map((name) => uidOf('batch/v1', jobKey('names', name))),
      ]);
    const before = await uids();
    await created('names', repository.url);
    expect(await keelson.sync('names')).toMatchObject({ phase: 'Succeeded' });
    const first = await uids();
    expect(first.slice(0, 2)).toEqual(before.slice(0, 2));
    const live = await keelson.cluster.get('v1', mapKey('names', 'foreign'));
    expect(live?.['data']).toEqual({ theirs: '1', ours: '1' });

    const again = await keelson.sync('names');
    expect(again).toMatchObject({ phase: 'Succeeded' });
    const second = await uids();
    expect(second.slice(0, 3)).toEqual(first.slice(0, 3));
    const others = await keelson.cluster.get('v1', mapKey('names', 'others'));
    expect(others?.metadata.annotations).toMatchObject(trackingId('b', 'names', 'others'));
    expect(second[3]).not.toBe(first[3]);
    expect(stepNamed(again, 'anew')?.message).toBe('Reached expected number of succeeded pods');
    expect(stepNamed(again, 'finished')).toMatchObject({
      hookPhase: 'Succeeded',
      message:
        'Reached expected number of succeeded pods; the object is one from an earlier sync, and is not run anew',
    });
    const job = await keelson.cluster.get('batch/v1', jobKey('names', 'finished'));
    expect(job?.metadata.finalizers ?? []).toEqual([]);
  });

  it('makes a hook anew in the place of what is nobody’s, says so, and leaves a namespace', async () => {
    await keelson.cluster.create(namespaceOf('nobodys'));
    await keelson.cluster.create(bare('nobodys', 'settings', {}), somebody);
    const { metadata, ...own } = hookJob('migrate', 'PreSync');
    const helm = { 'helm.sh/hook': 'pre-upgrade' };
    await keelson.cluster.create(
      { ...own, metadata: { ...metadata, namespace: 'nobodys', annotations: helm } } as Manifest,
      { fieldManager: 'helm' },
    );
    await keelson.cluster.create(namespaceOf('nobodys-own'), somebody);
    const uids = () =>
      Promise.all([
        uidOf('v1', mapKey('nobodys', 'settings')),
        uidOf('batch/v1', jobKey('nobodys', 'migrate')),
        uidOf('v1', { group: '', kind: 'Namespace', namespace: '', name: 'nobodys-own' }),
      ]);
    const before = await uids();
    const place = namespaceOf('nobodys-own');
    const repository = await repositoryOf('nobodys', {
      'a.yaml': [
        configMap('settings', { ours: '1' }, { 'argocd.argoproj.io/hook': 'PreSync' }),
        hookJob('migrate', 'PreSync', policyOf('BeforeHookCreation')),
        { ...place, metadata: { ...place.metadata, annotations: hooked('BeforeHookCreation') } },
      ],
    });
    await created('nobodys', repository.url);
    const ended = await keelson.sync('nobodys');
    expect(ended).toMatchObject({ phase: 'Succeeded' });
    const after = await uids();
    expect(after.map((uid, at) => uid === before[at])).toEqual([false, false, true]);
    const says = 'the object that was deleted for it belonged to no application';
    expect(stepNamed(ended, 'settings')?.message).toBe(`settings created; ${says}`);
    expect(stepNamed(ended, 'migrate')?.message).toBe(`Reached expected number of succeeded pods; ${says}`);
    const settings = await keelson.cluster.get('v1', mapKey('nobodys', 'settings'));
    expect(settings?.['data']).toEqual({ ours: '1' });
    const again = await keelson.sync('nobodys');
    expect(stepNamed(again, 'settings')?.message).toBe('settings created');
  });

  it.each<[whose: string, annotations: Record<string, string>, owner: string]>([
    ['application', trackingId('shop', 'taken-application', 'x'), 'application shop'],
    [
      'installation',
      { ...trackingId('taken-installation', 'taken-installation', 'x'), [installation]: 'north' },
      'application taken-installation of the installation with the installationID north',
    ],
    ['keelson', { 'keelson.dev/step': 'a/1/0' }, 'another installation of Keelson'],
  ])(
    'never deletes for a hook what another %s has, and says whose it is',
    async (whose, annotations, owner) => {
      const name = `taken-${whose}`;
      await keelson.cluster.create(namespaceOf(name));
      const { uid } = (await keelson.cluster.create(bare(name, 'x', annotations), somebody)).metadata;
      const hook = (own: string) => configMap(own, { ours: '1' }, hooked('BeforeHookCreation'));
      const rest = configMap('rest', { a: '1' });
      const repository = await repositoryOf(name, { 'a.yaml': [hook('x'), rest] });
      await created(name, repository.url, name, { syncPolicy: { retry: { limit: 0 } } });
      const refused = await keelson.sync(name);
      expect(refused).toMatchObject({ phase: 'Failed' });
      const { message = '' } = stepNamed(refused, 'x') ?? {};
      expect(message).toContain(owner);
      expect(message).toContain('give the hook another name, or have the object deleted where it belongs');
      const live = await keelson.cluster.get('v1', mapKey(name, 'x'));
      expect([live?.metadata.uid, live?.['data']]).toEqual([uid, { theirs: '1' }]);
      // It is known before anything is written.
      expect(await mapThere(name, 'rest')).toBe(false);

      await repository.commit({ 'a.yaml': yamlOf(hook('own-x'), rest) });
      expect(await keelson.sync(name)).toMatchObject({ phase: 'Succeeded' });
      expect(await uidOf('v1', mapKey(name, 'x'))).toBe(uid);
      await repository.commit({ 'a.yaml': yamlOf(hook('x'), rest) });
      expect(await keelson.sync(name)).toMatchObject({ phase: 'Failed' });
      await keelson.cluster.delete('v1', mapKey(name, 'x'));
      expect(await keelson.sync(name)).toMatchObject({ phase: 'Succeeded' });
    },
  );

  it('says of a hook that can not be applied over an object what helps, and it does', async () => {
    await keelson.cluster.create(namespaceOf('frozen'));
    const theirs = task(trackingId('b', 'frozen', 'task', 'batch/Job'), 'registry.k8s.io/pause:3.10');
    await keelson.cluster.create(
      { ...theirs, metadata: { ...theirs.metadata, namespace: 'frozen' } },
      somebody,
    );
    const hook = (name: string, policy: string, image: string): Manifest => ({
      ...task({ 'argocd.argoproj.io/hook': 'PreSync', ...policyOf(policy) }, image),
      metadata: { name, annotations: { 'argocd.argoproj.io/hook': 'PreSync', ...policyOf(policy) } },
    });
    const [old, next] = ['registry.k8s.io/pause:3.8', 'registry.k8s.io/pause:3.9'];
    const repository = await repositoryOf('frozen', { 'a.yaml': [hook('own', 'HookFailed', old)] });
    await created('frozen', repository.url, 'frozen', { syncPolicy: { retry: { limit: 0 } } });
    expect(await keelson.sync('frozen')).toMatchObject({ phase: 'Succeeded' });
    const refusal = async (name: string): Promise<string | undefined> => {
      const ended = await keelson.sync('frozen');
      expect(ended).toMatchObject({ phase: 'Failed' });
      return stepNamed(ended, name)?.message;
    };
    await repository.commit({ 'a.yaml': yamlOf(hook('own', 'HookFailed', next)) });
    expect(await refusal('own')).toContain(
      'give the hook the delete policy BeforeHookCreation, so that the object is deleted and created anew',
    );
    await repository.commit({ 'a.yaml': yamlOf(hook('own', 'BeforeHookCreation', next)) });
    expect(await keelson.sync('frozen')).toMatchObject({ phase: 'Succeeded' });

    await repository.commit({ 'a.yaml': yamlOf(hook('task', 'HookFailed', next)) });
    expect(await refusal('task')).toContain('its hook may not delete it; give the hook another name');
    await repository.commit({ 'a.yaml': yamlOf(hook('another', 'HookFailed', next)) });
    expect(await keelson.sync('frozen')).toMatchObject({ phase: 'Succeeded' });
  });

  it('names hooks without a name by revision, phase and start, two of them apart', async () => {
    const nameless = hookJob('', 'PreSync');
    const { name: _, ...metadata } = nameless.metadata;
    const repository = await repositoryOf('nameless', {
      'a.yaml': [{ ...nameless, metadata }, { ...nameless, metadata }, configMap('app', { a: '1' })],
    });
    await created('nameless', repository.url);
    const ended = await keelson.sync('nameless');
    expect(ended).toMatchObject({ phase: 'Succeeded' });
    const started = Math.floor(Date.parse(ended.startedAt ?? '') / 1000);
    const name = `${ended.revision?.slice(0, 7)}-presync-${started}`;
    expect(ended.steps.map((step) => step.key.name)).toEqual(['nameless', name, `${name}-2`, 'app']);
    expect(await uidOf('batch/v1', jobKey('nameless', name))).toBeDefined();
    await keelson.healthy('nameless');
  });

  it('fails a suspended hook that is deleted, and holds neither it nor its namespace', async () => {
    const repository = await repositoryOf('doomed', {
      'a.yaml': [heldHook('gate', 'PreSync'), configMap('app', {}), hookJob('after', 'SyncFail')],
    });
    await created('doomed', repository.url);
    const operationId = await keelson.request('doomed');
    await untilHeld('doomed', operationId);
    const namespace = { group: '', kind: 'Namespace', namespace: '', name: 'doomed' };
    await keelson.cluster.delete('v1', namespace);
    const ended = await keelson.ended('doomed', operationId, 30);
    expect(ended).toMatchObject({ phase: 'Failed' });
    expect(stepNamed(ended, 'gate')).toMatchObject({
      hookPhase: 'Failed',
      message: 'hook batch/Job/gate was deleted before it ended',
    });
    await until('the namespace gone', async () => (await uidOf('v1', namespace)) === undefined);
  });

  it('lets go of a hook as soon as its result is recorded, while the sync goes on', async () => {
    const repository = await repositoryOf('free', {
      'a.yaml': [hookJob('first', 'PreSync', wave(-1)), heldHook('second', 'PreSync')],
    });
    await created('free', repository.url);
    const operationId = await keelson.request('free');
    await untilHeld('free', operationId);
    await until('the first hook free', async () => {
      const job = await keelson.cluster.get('batch/v1', jobKey('free', 'first'));
      return job !== undefined && (job.metadata.finalizers ?? []).length === 0;
    });
    await until('the second hook held', async () => {
      const job = await keelson.cluster.get('batch/v1', jobKey('free', 'second'));
      return job?.metadata.finalizers?.includes('keelson.dev/hook-result') === true;
    });
    await resume('free', 'second');
    expect(await keelson.ended('free', operationId)).toMatchObject({ phase: 'Succeeded' });
  });
});
