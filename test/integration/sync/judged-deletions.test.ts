import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteJudged } from '../../../cluster/apply/delete-object.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { configMap, yamlOf } from '../../support/keelson/applications.ts';
import {
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

const { uidOf, mapThere, repositoryOf, created, untilHeld, resume, patchMap } = meddlingWith(() => keelson);
const claimKey = (namespace: string, name: string) => ({
  group: '',
  kind: 'PersistentVolumeClaim',
  namespace,
  name,
});

function claim(name: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
}

describe.concurrent('deletions judged when they are carried out', () => {
  it('prunes what is still its own, unwanted and allowed to go after a hook, and says why the rest stays', async () => {
    const held = ['plain', 'untracked', 'owned', 'refusing', 'asking', 'recreated'];
    const repository = await repositoryOf('from', {
      'a.yaml': [configMap('stays', { a: '1' })],
      'b.yaml': [claim('data'), ...held.map((name) => configMap(name, { a: '1' }))],
    });
    await created('from', repository.url);
    expect(await keelson.sync('from')).toMatchObject({ phase: 'Succeeded' });
    const bound = await uidOf('v1', claimKey('from', 'data'));
    await repository.commit({ 'b.yaml': yamlOf(heldHook('gate', 'PreSync')) });
    const operationId = await keelson.request('from', { prune: true });
    await untilHeld('from', operationId);

    const other = await repositoryOf('to', { 'a.yaml': [claim('data')] });
    await created('to', other.url, 'from');
    expect(await keelson.sync('to')).toMatchObject({ phase: 'Succeeded' });
    await patchMap('from', 'untracked', { annotations: { 'argocd.argoproj.io/tracking-id': null } });
    const holder = await uidOf('v1', mapKey('from', 'stays'));
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'stays', uid: holder }];
    await patchMap('from', 'owned', { ownerReferences });
    await patchMap('from', 'refusing', { annotations: { 'argocd.argoproj.io/sync-options': 'Prune=false' } });
    await patchMap('from', 'asking', { annotations: { 'argocd.argoproj.io/sync-options': 'Prune=confirm' } });
    const former = await keelson.cluster.get('v1', mapKey('from', 'recreated'));
    await keelson.cluster.delete('v1', mapKey('from', 'recreated'));
    const { uid: _, resourceVersion: _version, ...metadata } = former?.metadata ?? {};
    await keelson.cluster.create({ ...(former as Manifest), metadata });
    await resume('from', 'gate');
    const ended = await keelson.ended('from', operationId);

    expect(ended).toMatchObject({ phase: 'Succeeded' });
    expect(await uidOf('v1', claimKey('from', 'data'))).toBe(bound);
    const said = ['plain', 'data', 'untracked', 'owned', 'refusing', 'asking', 'recreated'].map((name) => {
      const { status, message } = stepNamed(ended, name) ?? {};
      return `${name}: ${status} ${message}`;
    });
    expect(said).toEqual([
      'plain: Pruned pruned',
      'data: PruneSkipped ignored (it belongs to application to)',
      'untracked: PruneSkipped ignored (it does not say any more which application it belongs to)',
      'owned: PruneSkipped ignored (it is owned by ConfigMap stays)',
      'refusing: PruneSkipped ignored (no prune)',
      'asking: PruneSkipped ignored (Prune=confirm was set after the sync was planned; sync again to be asked)',
      'recreated: PruneSkipped another object has taken this name since the plan was made',
    ]);
    expect(await Promise.all(held.map((name) => mapThere('from', name)))).toEqual([
      false,
      ...held.slice(1).map(() => true),
    ]);

    await repository.commit({ 'b.yaml': null });
    const asked = await keelson.request('from', { prune: true });
    await until('somebody is asked', async () => {
      const { waits } = await keelson.client.operations.get('from', asked);
      return waits.some(({ kind, closedAt }) => kind === 'approval' && closedAt === undefined);
    });
    await keelson.client.applications.confirmDeletion('from');
    expect(stepNamed(await keelson.ended('from', asked), 'asking')?.status).toBe('Pruned');
  });

  it('leaves what the source has again by the time that it would be pruned', async () => {
    const repository = await repositoryOf('again', {
      'a.yaml': [configMap('stays', { a: '1' })],
      'b.yaml': [configMap('back', { a: '1' }), configMap('away', { a: '1' })],
    });
    await created('again', repository.url);
    await keelson.sync('again');
    await repository.commit({ 'b.yaml': yamlOf(heldHook('gate', 'PreSync')) });
    const operationId = await keelson.request('again', { prune: true });
    await untilHeld('again', operationId);
    await repository.commit({ 'b.yaml': yamlOf(heldHook('gate', 'PreSync'), configMap('back', { a: '1' })) });
    await keelson.client.applications.get('again', { refresh: 'normal' });
    await resume('again', 'gate');
    const ended = await keelson.ended('again', operationId);
    expect(stepNamed(ended, 'back')).toMatchObject({
      status: 'PruneSkipped',
      message: 'ignored (the source has it again)',
    });
    expect(stepNamed(ended, 'away')).toMatchObject({ status: 'Pruned' });
  });

  it('prunes nothing while a file of the source can not be read, says why, and prunes once it can', async () => {
    const repository = await repositoryOf('doubted', {
      'a.yaml': [configMap('stays', { a: '1' })],
      'b.yaml': [configMap('old', { a: '1' })],
    });
    const syncPolicy = { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] };
    await created('doubted', repository.url, 'doubted', { syncPolicy });
    await keelson.healthy('doubted');
    await repository.commit({
      'a.yaml': yamlOf(configMap('stays', { a: '2' })),
      'b.yaml': '# once a ConfigMap\nname: [old',
    });
    await keelson.client.applications.get('doubted', { refresh: 'normal' });
    await until('the rest synced', async () => {
      const stays = await keelson.cluster.get('v1', mapKey('doubted', 'stays'));
      return JSON.stringify(stays?.['data']) === '{"a":"2"}';
    });
    const { status } = await keelson.client.applications.get('doubted');
    const warning = status?.conditions?.find(({ type }) => type === 'RenderWarning')?.message;
    expect(warning).toMatch(/b\.yaml:\d+ .*Nothing is pruned meanwhile/);
    const [automatic] = await keelson.client.operations.list('doubted', 5);
    await keelson.ended('doubted', automatic?.id ?? '');
    const asked = await keelson.sync('doubted', { prune: true });
    expect(stepNamed(asked, 'old')).toMatchObject({ status: 'PruneSkipped' });
    expect(stepNamed(asked, 'old')?.message).toMatch(
      /^ignored \(the source could not be read in full: b\.yaml/,
    );
    expect(await mapThere('doubted', 'old')).toBe(true);

    await repository.commit({ 'b.yaml': '# +argocd:skip-file-rendering\nname: [old' });
    await keelson.client.applications.get('doubted', { refresh: 'normal' });
    await until('old pruned', async () => !(await mapThere('doubted', 'old')));
  });

  it('prunes nothing while kubectl passes over a part of a file, names its line, and syncs the rest', async () => {
    const repository = await repositoryOf('partial', {
      'a.yaml': [configMap('stays', { a: '1' }), configMap('old', { a: '1' })],
    });
    const syncPolicy = { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] };
    await created('partial', repository.url, 'partial', { syncPolicy });
    await keelson.healthy('partial');
    const stays = yamlOf(configMap('stays', { a: '2' }));
    await repository.commit({ 'a.yaml': `${stays}...\n${yamlOf(configMap('old', { a: '1' }))}` });
    await keelson.client.applications.get('partial', { refresh: 'normal' });
    await until('the rest synced', async () => {
      const map = await keelson.cluster.get('v1', mapKey('partial', 'stays'));
      return JSON.stringify(map?.['data']) === '{"a":"2"}';
    });
    const { status } = await keelson.client.applications.get('partial');
    const place = `a.yaml:${stays.trimEnd().split('\n').length + 2}`;
    const warning = status?.conditions?.find(({ type }) => type === 'RenderWarning')?.message;
    expect(warning).toMatch(/^passed over, as kubectl does: .*Nothing is pruned meanwhile/);
    expect(warning).toContain(place);
    const [automatic] = await keelson.client.operations.list('partial', 5);
    await keelson.ended('partial', automatic?.id ?? '');
    const asked = await keelson.sync('partial', { prune: true });
    expect(stepNamed(asked, 'old')?.message).toContain(`the source could not be read in full: ${place}`);
    expect(await mapThere('partial', 'old')).toBe(true);

    await repository.commit({ 'a.yaml': stays });
    await keelson.client.applications.get('partial', { refresh: 'normal' });
    await until('old pruned', async () => !(await mapThere('partial', 'old')));
  });

  it('deletes with an application only what is still its own after a PreDelete hook', async () => {
    const repository = await repositoryOf('ending', {
      'a.yaml': [
        heldHook('gate', 'PreDelete'),
        claim('data'),
        ...['kept', 'goes'].map((name) => configMap(name, {})),
      ],
    });
    await created('ending', repository.url);
    await keelson.sync('ending');
    const bound = await uidOf('v1', claimKey('ending', 'data'));
    const { operationId = '' } = await keelson.client.applications.delete('ending', {});
    await untilHeld('ending', operationId);
    const other = await repositoryOf('heir', { 'a.yaml': [claim('data')] });
    await created('heir', other.url, 'ending');
    expect(await keelson.sync('heir')).toMatchObject({ phase: 'Succeeded' });
    await patchMap('ending', 'kept', { annotations: { 'argocd.argoproj.io/sync-options': 'Delete=false' } });
    await resume('ending', 'gate');
    const ended = await keelson.ended('ending', operationId);

    expect(ended).toMatchObject({ phase: 'Succeeded', message: 'application deleted' });
    expect(stepNamed(ended, 'data')?.message).toBe('ignored (it belongs to application heir)');
    expect(stepNamed(ended, 'kept')?.message).toBe('kept (Delete=false)');
    expect(await uidOf('v1', claimKey('ending', 'data'))).toBe(bound);
    expect([await mapThere('ending', 'kept'), await mapThere('ending', 'goes')]).toEqual([true, false]);
  });

  it('keeps what says Delete=confirm since the deletion was planned, and asks when that is asked for again', async () => {
    const name = 'unsure';
    const repository = await repositoryOf(name, {
      'a.yaml': [heldHook('gate', 'PreDelete'), configMap('asked', {})],
    });
    await created(name, repository.url);
    await keelson.sync(name);
    const remove = async () => (await keelson.client.applications.delete(name, {})).operationId ?? '';
    const first = await remove();
    await untilHeld(name, first);
    await patchMap(name, 'asked', { annotations: { 'argocd.argoproj.io/sync-options': 'Delete=confirm' } });
    await resume(name, 'gate');
    const kept = await keelson.ended(name, first);
    expect(kept.phase).toBe('Failed');
    expect(stepNamed(kept, 'asked')?.message).toBe(
      'kept (Delete=confirm was set after the deletion was planned; delete again to be asked)',
    );

    const second = await remove();
    await until('the deletion asks', async () => {
      const { waits } = await keelson.client.operations.get(name, second);
      return waits.some(({ kind, closedAt }) => kind === 'approval' && closedAt === undefined);
    });
    expect(await mapThere(name, 'asked')).toBe(true);
    await keelson.client.applications.confirmDeletion(name);
    expect(await keelson.ended(name, second)).toMatchObject({ phase: 'Succeeded' });
    expect(await mapThere(name, 'asked')).toBe(false);
  });

  it.each<[option: string, whose: string, annotations: Record<string, string>, owner: string]>([
    [
      'Force=true',
      'application',
      trackingId('shop', 'force-application', 'task', 'batch/Job'),
      'application shop',
    ],
    [
      'Force=true',
      'installation',
      {
        ...trackingId('force-installation', 'force-installation', 'task', 'batch/Job'),
        [installation]: 'north',
      },
      'application force-installation of the installation with the installationID north',
    ],
    [
      'Replace=true,Force=true',
      'replaced',
      { ...trackingId('force-replaced', 'force-replaced', 'task', 'batch/Job'), [installation]: 'north' },
      'application force-replaced of the installation with the installationID north',
    ],
  ])('recreates nothing with %s that is of another %s', async (option, whose, annotations, owner) => {
    const name = `force-${whose}`;
    const options = { 'argocd.argoproj.io/sync-options': option };
    await keelson.cluster.create(namespaceOf(name));
    const theirs = task(annotations, 'registry.k8s.io/pause:3.10');
    const { uid } = (
      await keelson.cluster.create({ ...theirs, metadata: { ...theirs.metadata, namespace: name } }, somebody)
    ).metadata;
    const forced = task(options, 'registry.k8s.io/pause:3.9');
    const before = { 'argocd.argoproj.io/sync-wave': '-1' };
    const repository = await repositoryOf(name, {
      'a.yaml': [forced],
      'b.yaml': [configMap('rest', { a: '1' }, before)],
    });
    await created(name, repository.url, name, { syncPolicy: { retry: { limit: 0 } } });
    const refused = await keelson.sync(name);
    expect(refused).toMatchObject({ phase: 'Failed' });
    const { message = '' } = stepNamed(refused, 'task') ?? {};
    expect(message).toContain(`it belongs to ${owner}`);
    expect(message).toContain('take it out of this source, or have it deleted where it belongs');
    expect(await uidOf('batch/v1', jobKey(name, 'task'))).toBe(uid);
    expect(await mapThere(name, 'rest')).toBe(false);

    await repository.commit({ 'a.yaml': null });
    expect(await keelson.sync(name, { prune: true })).toMatchObject({ phase: 'Succeeded' });
    expect(await uidOf('batch/v1', jobKey(name, 'task'))).toBe(uid);
    await repository.commit({ 'a.yaml': yamlOf(forced) });
    await keelson.cluster.delete('batch/v1', jobKey(name, 'task'), { propagationPolicy: 'background' });
    expect(await keelson.sync(name)).toMatchObject({ phase: 'Succeeded' });
  });

  it('recreates with Force=true what is its own or nobody’s, and says the latter', async () => {
    const forced = { 'argocd.argoproj.io/sync-options': 'Force=true' };
    await keelson.cluster.create(namespaceOf('forced'));
    const theirs = task({}, 'registry.k8s.io/pause:3.10');
    const { uid } = (
      await keelson.cluster.create(
        { ...theirs, metadata: { ...theirs.metadata, namespace: 'forced' } },
        somebody,
      )
    ).metadata;
    const repository = await repositoryOf('forced', {
      'a.yaml': [task(forced, 'registry.k8s.io/pause:3.9')],
    });
    await created('forced', repository.url);
    const first = await keelson.sync('forced');
    expect(first).toMatchObject({ phase: 'Succeeded' });
    expect(stepNamed(first, 'task')?.message).toBe(
      'job.batch/task deleted and created anew; the object that was deleted for it belonged to no application',
    );
    const second = await uidOf('batch/v1', jobKey('forced', 'task'));
    expect(second).not.toBe(uid);

    await repository.commit({ 'a.yaml': yamlOf(task(forced, 'registry.k8s.io/pause:3.8')) });
    const again = await keelson.sync('forced');
    expect(again).toMatchObject({ phase: 'Succeeded' });
    expect(stepNamed(again, 'task')?.message).toBe('job.batch/task deleted and created anew');
    expect(await uidOf('batch/v1', jobKey('forced', 'task'))).not.toBe(second);
  });

  it('deletes just the state that was judged, and judges anew what has changed meanwhile', async () => {
    const { cluster } = keelson;
    const key = mapKey('default', 'contested');
    await cluster.create({
      ...configMap('contested', { a: '1' }),
      metadata: { name: 'contested', namespace: 'default' },
    });
    const seen: (string | undefined)[] = [];
    const patched = await deleteJudged(cluster, {
      apiVersion: 'v1',
      key,
      judge: async ({ metadata }) => {
        seen.push(metadata.annotations?.['mine']);
        if (seen.length > 1) return { act: 'keep', reason: 'it is mine' };
        await patchMap('default', 'contested', { annotations: { mine: 'yes' } });
        return { act: 'delete' };
      },
    });
    expect([patched.state, seen]).toEqual(['kept', [undefined, 'yes']]);
    let judged = 0;
    const busy = deleteJudged(cluster, {
      apiVersion: 'v1',
      key,
      judge: async () => {
        await patchMap('default', 'contested', { annotations: { mine: String(judged++) } });
        return { act: 'delete' };
      },
    });
    await expect(busy).rejects.toMatchObject({ code: 'conflict', retryable: true });
    expect(judged).toBe(20);
    const dry = { apiVersion: 'v1', key, judge: () => ({ act: 'delete' }) as const };
    expect(await deleteJudged(cluster, { ...dry, dryRun: true })).toMatchObject({ state: 'deleted' });
    expect(await uidOf('v1', key)).toBeDefined();
    expect(await deleteJudged(cluster, dry)).toMatchObject({ state: 'deleted' });
    expect(await deleteJudged(cluster, dry)).toEqual({ state: 'gone' });
  });

  it.each(['endpoints', 'slices'])(
    'prunes %s, which nobody watches, and deletes them with the application',
    async (name) => {
      const make = (own: string): Manifest =>
        name === 'slices'
          ? {
              apiVersion: 'discovery.k8s.io/v1',
              kind: 'EndpointSlice',
              metadata: { name: own },
              addressType: 'IPv4',
              ...{ endpoints: [], ports: [] },
            }
          : { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: own }, subsets: [] };
      const there = async (own: string) => {
        const { apiVersion, kind } = make(own);
        const group = apiVersion.includes('/') ? 'discovery.k8s.io' : '';
        return (await uidOf(apiVersion, { group, kind, namespace: name, name: own })) !== undefined;
      };
      const repository = await repositoryOf(name, {
        'a.yaml': [make('first')],
        'b.yaml': [make('second')],
      });
      await created(name, repository.url);
      expect(await keelson.sync(name)).toMatchObject({ phase: 'Succeeded' });
      expect(await there('second')).toBe(true);
      await repository.commit({ 'b.yaml': null });
      await keelson.client.applications.get(name, { refresh: 'normal' });
      await until(`${name} OutOfSync`, async () => {
        const { status } = await keelson.client.applications.get(name);
        const second = status?.resources?.find((one) => one.name === 'second');
        return status?.sync?.status === 'OutOfSync' && second?.requiresPruning === true;
      });
      const pruned = await keelson.sync(name, { prune: true });
      expect(stepNamed(pruned, 'second')).toMatchObject({ status: 'Pruned' });
      expect([await there('first'), await there('second')]).toEqual([true, false]);
      const { operationId = '' } = await keelson.client.applications.delete(name, {});
      expect(await keelson.ended(name, operationId)).toMatchObject({ phase: 'Succeeded' });
      expect(await there('first')).toBe(false);
    },
  );
});
