import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApplicationRow, findApplication } from '../../../db/queries/application/application.ts';
import { takeHomeSession } from '../../../db/queries/home/home-session.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { applications } from '../../../db/schema/application.ts';
import { pollUntil } from '../../../local/poll.ts';
import { startHome, type TestHome } from '../../support/home/start-home.ts';
import {
  type ApplicationShape,
  applicationOf,
  configMap,
  hookJob,
  yamlOf,
} from '../../support/keelson/applications.ts';

let home: TestHome;
const nowhere = 'https://git.test/nowhere.git';

beforeAll(async () => {
  home = await startHome('home-mirror');
});

afterAll(async () => {
  await home?.stop();
});

/** An application that nothing can be fetched for: what holds of it is all that is looked at. */
function still(name: string, more: Partial<ApplicationShape> = {}) {
  return applicationOf({ name, repoURL: nowhere, namespace: `home-${name}`, ...more });
}

function rowOf(name: string): Promise<ApplicationRow | undefined> {
  return findApplication(home.database.db, { namespace: home.namespace, name });
}

async function rowWhere(name: string, holds: (row: ApplicationRow) => boolean): Promise<ApplicationRow> {
  let found: ApplicationRow | undefined;
  await pollUntil(`row of ${name} as expected`, 30, async () => {
    found = await rowOf(name);
    return found !== undefined && holds(found);
  });
  return found as ApplicationRow;
}

async function mirrored(name: string, more: Partial<ApplicationShape> = {}): Promise<ApplicationRow> {
  const { metadata } = await home.apply(still(name, more));
  return rowWhere(name, ({ homeUid }) => homeUid === metadata.uid);
}

async function auditOf(name: string): Promise<string[]> {
  const rows = await listAudit(home.database.db, 1000);
  return rows.filter(({ object }) => object.endsWith(`/${name}`)).map(({ action }) => action);
}

const patch = (name: string, body: object, fieldManager = 'kubectl-edit') =>
  home.cluster.patch('argoproj.io/v1alpha1', home.keyOf(name), body, 'merge', { fieldManager });

describe('an Application object in the home cluster', () => {
  it('is an application that syncs, shown with the uid of its object', async () => {
    const repository = await home.gitServer.createRepository('mirrored', {
      'a.yaml': yamlOf(configMap('mirrored', { v: '1' })),
    });
    const syncPolicy = { automated: {} };
    const shape = { repoURL: repository.url, syncPolicy };
    const { metadata } = await home.apply(still('mirrored', shape));
    await rowWhere('mirrored', ({ homeUid }) => homeUid === metadata.uid);
    await home.healthy('mirrored');
    const shown = await home.client.applications.get('mirrored');
    expect(shown.metadata).toMatchObject({ uid: metadata.uid, generation: 1 });
    expect(shown.metadata.creationTimestamp).toBe(metadata.creationTimestamp);
    expect(await auditOf('mirrored')).toEqual(['application.create']);
  });

  it('raises the generation with what its owner decides, and writes nothing for a status of others', async () => {
    const before = await mirrored('counted');
    await patch('counted', { status: { sync: { status: 'Synced' } } }, 'somebody');
    await patch('counted', { metadata: { labels: { team: 'web' } } });
    const after = await rowWhere('counted', ({ labels }) => labels['team'] === 'web');
    expect(after).toMatchObject({ specGeneration: before.specGeneration + 1, syncStatus: 'Unknown' });
    await patch('counted', { status: { sync: { status: 'OutOfSync' } } }, 'somebody');
    // The next change comes behind it, so that it has been seen by then.
    await patch('counted', { metadata: { labels: { team: 'shop' } } });
    const last = await rowWhere('counted', ({ labels }) => labels['team'] === 'shop');
    expect(last.specGeneration).toBe(after.specGeneration + 1);
    expect(await auditOf('counted')).toEqual([
      'application.update',
      'application.update',
      'application.create',
    ]);
  });

  it('keeps what it said before while it can not be read, and others are followed all the same', async () => {
    const before = await mirrored('garbled');
    await patch('garbled', { spec: { destination: { name: 'in-cluster' } } });
    const after = await rowWhere('garbled', ({ homeConditions }) => homeConditions.length > 0);
    expect(after.spec).toEqual(before.spec);
    const shown = await home.client.applications.get('garbled');
    expect(shown.status?.conditions).toContainEqual(
      expect.objectContaining({
        type: 'InvalidSpecError',
        message: expect.stringContaining('has both server and name'),
      }),
    );
    await mirrored('readable');
    await patch('garbled', { spec: { destination: { name: null, namespace: 'mended' } } });
    const mended = await rowWhere('garbled', ({ homeConditions }) => homeConditions.length === 0);
    expect(mended.spec.destination.namespace).toBe('mended');
  });

  it('is followed to an older state once a list and a read tell of one, which deletes nothing', async () => {
    const { id, spec } = await mirrored('restored');
    const { db } = home.database;
    // As the row of a cluster looks whose store was restored from a backup: it knows more than there is.
    const known = { homeVersion: '999999999999', spec: { ...spec, project: 'later' }, project: 'later' };
    await db.update(applications).set(known).where(eq(applications.id, id));
    await patch('restored', { metadata: { labels: { seen: 'no' } } });
    await takeHomeSession(db, { owner: 'test', version: 'test' });
    await mirrored('after-the-restore');
    const row = await rowWhere('restored', ({ project }) => project === 'default');
    expect(row).toMatchObject({ id, spec, labels: { seen: 'no' } });
    expect(await auditOf('restored')).toContain('application.restore');
  });

  it('goes on as the same application when it is deleted and created again, and what ran ends superseded', async () => {
    const hangs = { annotations: { 'keelson.test/pod': 'hang' } };
    const repository = await home.gitServer.createRepository('phoenix', {
      'a.yaml': yamlOf(hookJob('forever', 'PreSync', {}, hangs), configMap('phoenix', { v: '1' })),
    });
    const before = await mirrored('phoenix', { repoURL: repository.url });
    const operation = await home.request('phoenix');
    await pollUntil('the sync runs', 30, async () => {
      return (await home.client.operations.get('phoenix', operation)).phase === 'Running';
    });
    await home.cluster.delete('argoproj.io/v1alpha1', home.keyOf('phoenix'));
    const { metadata } = await home.apply(still('phoenix', { repoURL: repository.url }));
    const after = await rowWhere('phoenix', ({ homeUid }) => homeUid === metadata.uid);
    expect(after.id).toBe(before.id);
    const view = await home.ended('phoenix', operation);
    expect(view).toMatchObject({ phase: 'Superseded', message: expect.stringContaining('created again') });
    const shown = await home.client.applications.get('phoenix');
    expect(shown.metadata.uid).toBe(metadata.uid);
    expect(shown.status?.conditions).toContainEqual(expect.objectContaining({ type: 'ObjectRecreated' }));
  });

  it('is another application when it is created again in another project', async () => {
    const repository = await home.gitServer.createRepository('mover', {
      'a.yaml': yamlOf(configMap('mover', { v: '1' })),
    });
    const before = await mirrored('mover', { repoURL: repository.url });
    const { id: operation } = await home.sync('mover');
    await home.cluster.delete('argoproj.io/v1alpha1', home.keyOf('mover'));
    const { metadata } = await home.apply(still('mover', { project: 'elsewhere' }));
    const after = await rowWhere('mover', ({ homeUid }) => homeUid === metadata.uid);
    expect(after.id).not.toBe(before.id);
    expect(after.project).toBe('elsewhere');
    const token = await home.client.account.login('admin', home.adminPassword);
    const listed = async (project: string) => {
      const path = `/api/v1/applications/mover/operations?project=${project}`;
      const response = await fetch(`${home.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      const { items } = (await response.json()) as { items: readonly { readonly id: string }[] };
      return items.map(({ id }) => id);
    };
    // Of the one before, whoever may read its project still reads what was done.
    expect(await listed('default')).toEqual([operation]);
    expect(await listed('elsewhere')).toEqual([]);
  });
});

describe('an annotation of an Application object', () => {
  it('asks for a refresh and is taken off when that is done', async () => {
    const repository = await home.gitServer.createRepository('refreshed', {
      'a.yaml': yamlOf(configMap('refreshed', { v: '1' })),
    });
    const before = await mirrored('refreshed', { repoURL: repository.url });
    await patch('refreshed', { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'hard' } } });
    await pollUntil('the annotation is gone', 30, async () => {
      const object = await home.object('refreshed');
      return object?.metadata.annotations?.['argocd.argoproj.io/refresh'] === undefined;
    });
    const after = await rowOf('refreshed');
    expect(after?.specGeneration).toBe(before.specGeneration);
    expect(after?.reconciledAt).not.toBeNull();
  });

  it('asks for a refresh of one that has no cluster, and is taken off as well', async () => {
    const repository = await home.gitServer.createRepository('astray', {
      'a.yaml': yamlOf(configMap('astray', { v: '1' })),
    });
    await mirrored('astray', { repoURL: repository.url, server: 'https://no.such.cluster' });
    await patch('astray', { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } });
    await pollUntil('the annotation is gone', 30, async () => {
      const object = await home.object('astray');
      return object?.metadata.annotations?.['argocd.argoproj.io/refresh'] === undefined;
    });
    const { resourceVersion } = await rowWhere('astray', () => true);
    await mirrored('astray-later');
    // Nothing of one that can't be compared flips to and fro.
    expect((await rowOf('astray'))?.resourceVersion).toBe(resourceVersion);
  });

  it('has an application left alone until it is taken off', async () => {
    const repository = await home.gitServer.createRepository('skipped', {
      'a.yaml': yamlOf(configMap('skipped', { v: '1' })),
    });
    const annotations = { 'argocd.argoproj.io/skip-reconcile': 'true' };
    const syncPolicy = { automated: {} };
    await mirrored('skipped', { repoURL: repository.url, annotations, syncPolicy });
    await rowWhere('skipped', ({ desiredRenderId }) => desiredRenderId !== null);
    // What came after it is synced by now: the session has had the time.
    await home.apply(still('skipped-beside', { repoURL: repository.url, syncPolicy }));
    await rowWhere('skipped-beside', ({ syncStatus }) => syncStatus === 'Synced');
    await expect(home.request('skipped')).rejects.toThrow(
      `application "skipped" can't be synced: its annotation argocd.argoproj.io/skip-reconcile has it left alone; take it off`,
    );
    expect(await rowOf('skipped')).toMatchObject({ syncStatus: 'Unknown', reconciledAt: null });
    await patch('skipped', { metadata: { annotations: { 'argocd.argoproj.io/skip-reconcile': null } } });
    await home.healthy('skipped');
  });
});
