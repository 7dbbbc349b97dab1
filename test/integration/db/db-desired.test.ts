import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import { createContentStore } from '../../../db/content-store.ts';
import type { ApplicationRow } from '../../../db/queries/application/application.ts';
import { createApplication } from '../../../db/queries/application/application-create.ts';
import { type DesiredState, refreshSubject, saveDesired } from '../../../db/queries/application/desired.ts';
import { requestRefreshOf } from '../../../db/queries/application/refresh-request.ts';
import {
  knownRender,
  type NewRender,
  type RenderRow,
  storeRender,
} from '../../../db/queries/application/render.ts';
import { recordRenderFailure } from '../../../db/queries/application/render-failure.ts';
import { dirty } from '../../../db/schema/application.ts';
import { manifests } from '../../../db/schema/manifest.ts';
import { changes } from '../../../db/schema/record.ts';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { configMap } from '../../support/keelson/applications.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';

const keyring = createKeyring(generateKey());
let connection: DatabaseConnection;

beforeAll(async () => {
  connection = await openTestDatabase();
});

afterAll(async () => {
  await connection?.close();
});

const rendered: NewRender = {
  renderKey: 'key',
  revision: 'abc',
  sourceTypes: ['Directory'],
  objects: [],
  warnings: [],
};

function stored(render: Partial<NewRender> = {}): Promise<RenderRow> {
  return storeRender(connection.db, { ...rendered, renderKey: randomUUID(), ...render });
}

async function application(): Promise<ApplicationRow> {
  const created = await createApplication(connection.db, {
    ...{ namespace: 'argocd', name: randomUUID(), project: 'default', clusterId: null },
    ...{ labels: {}, annotations: {}, finalizers: [] },
    spec: { project: 'default', destination: {} },
    repositories: [],
    audit: { actor: 'test', action: 'create', object: 'application' },
  });
  return (await subjectOf(created?.id ?? '')).application;
}

async function subjectOf(id: string) {
  const subject = await refreshSubject(connection.db, id);
  if (subject === undefined) throw new Error(`${id} is gone`);
  return subject;
}

/** Changes of an application that wake sessions. */
async function wakesOf(id: string): Promise<number> {
  const rows = await connection.db.select().from(changes).where(eq(changes.applicationId, id));
  return rows.filter(({ topic }) => topic === 'desired').length;
}

describe('db/queries/desired', () => {
  it('answers a request once, with the newest answer, and forgets what it was asked with by the newest alone', async () => {
    const row = await application();
    const [first, second] = await Promise.all([stored(), stored()]);
    await requestRefreshOf(connection.db, row.id, { hard: true, manual: true });

    await saveDesired(connection.db, row, { render: first }, 1);
    const midway = await subjectOf(row.id);
    expect(midway.dirty).toMatchObject({ generation: 2, renderedGeneration: 1, hard: 1, asked: 1 });
    expect(midway.application).toMatchObject({ desiredRenderId: first.id, desiredRevision: 'abc' });

    await saveDesired(connection.db, row, { render: second }, 2);
    await saveDesired(connection.db, row, { render: first }, 2);
    await saveDesired(connection.db, row, { error: 'too late' }, 1);
    const { application: last, dirty: answered } = await subjectOf(row.id);
    expect(answered).toMatchObject({ generation: 2, renderedGeneration: 2, hard: 0, asked: 0 });
    expect(last).toMatchObject({ desiredRenderId: second.id, desiredGeneration: 1, renderError: null });
    expect(last.sourceTypes).toEqual(['Directory']);
    expect(await wakesOf(row.id)).toBe(2);
  });

  it('keeps the last desired state after an error, and no error that is older than the desired state', async () => {
    const row = await application();
    const render = await stored();
    await saveDesired(connection.db, row, { render });
    await saveDesired(connection.db, row, { error: 'of before that' });
    expect((await subjectOf(row.id)).application.renderError).toBeNull();
    await saveDesired(connection.db, { ...row, desiredRenderId: render.id }, { error: 'away' }, 1);
    const { application: failed, dirty: answered } = await subjectOf(row.id);
    expect(failed).toMatchObject({ renderError: 'away', desiredRenderId: render.id });
    expect(answered.renderedGeneration).toBe(1);
  });

  it.each<[string, DesiredState['error'], object]>([
    ['an error that waits for a row finds', 'slow', { renderError: null, desiredRevision: 'abc' }],
    ['a render that waits for a row replaces', undefined, { renderError: null, desiredRevision: 'later' }],
  ])('%s what was saved meanwhile', async (_, error, expected) => {
    const row = await application();
    const [other, render] = await Promise.all([stored(), stored({ revision: 'later' })]);
    let saving: Promise<void> | undefined;
    await connection.db.transaction(async (tx) => {
      await tx.update(dirty).set({ urgent: 1 }).where(eq(dirty.applicationId, row.id));
      await saveDesired(tx, row, { render: other });
      saving = saveDesired(connection.db, row, error === undefined ? { render } : { error }, 1);
      await untilSomebodyWaits();
    });
    await saving;
    const { application: last, dirty: answered } = await subjectOf(row.id);
    expect(last).toMatchObject(expected);
    expect(answered.renderedGeneration).toBe(1);
    expect(await wakesOf(row.id)).toBe(2);
  });

  it('lets one of two answers to the same request count', async () => {
    const row = await application();
    const renders = await Promise.all([stored(), stored(), stored()]);
    await Promise.all(renders.map((render) => saveDesired(connection.db, row, { render }, 1)));
    expect(await wakesOf(row.id)).toBe(1);
  });
});

async function untilSomebodyWaits(): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const { rows } = await connection.db.execute(
      sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (rows.length > 0) return;
  }
  throw new Error('nobody waits');
}

describe('db/queries/render', () => {
  it('stores a render with its manifests, and what is in memory no second time', async () => {
    const content = createContentStore(connection.db, keyring);
    const render = (objects: readonly Manifest[]): Promise<RenderRow> =>
      content.storeRender(objects, (described) => ({
        ...rendered,
        renderKey: randomUUID(),
        objects: described,
      }));
    const row = await render([configMap('a', { a: '1' }), configMap('b', { b: '1' })]);
    const other = await render([configMap('b', { b: '1' }), configMap('c', { c: '1' })]);
    expect(row.objects.map(({ key, apiVersion }) => [key.name, apiVersion])).toEqual([
      ['a', 'v1'],
      ['b', 'v1'],
    ]);
    expect(other.objects[0]?.digest).toBe(row.objects[1]?.digest);
    const fresh = createContentStore(connection.db, keyring);
    const digests = other.objects.map(({ digest }) => digest);
    const found = await fresh.manifests(digests);
    expect(digests.map((digest) => found.get(digest)?.metadata.name)).toEqual(['b', 'c']);
    expect(await connection.db.select().from(manifests)).toHaveLength(3);
  });

  it('keeps a row that holds the same, and gives another its key where it holds something else', async () => {
    const row = await stored({ renderKey: 'same', lastsSeconds: 60 });
    expect(row).toMatchObject({ inputs: null, scopes: {} });
    expect(row.expiresAt?.getTime()).toBeGreaterThan(Date.now());
    const again = await stored({ renderKey: 'same' });
    expect(again).toMatchObject({ id: row.id, expiresAt: null });
    const other = await stored({ renderKey: 'same', warnings: ['new'] });
    expect(other.id).not.toBe(row.id);
    expect((await knownRender(connection.db, 'same')).render?.id).toBe(other.id);
  });

  it('finds renders by the first key that has one that counts, each for who asked', async () => {
    const [narrow, whole, old] = await Promise.all([
      stored({ renderKey: 'narrow' }),
      stored({ renderKey: 'whole' }),
      stored({ renderKey: 'old', lastsSeconds: -1 }),
    ]);
    const found = await Promise.all([
      knownRender(connection.db, 'narrow', 'whole'),
      knownRender(connection.db, 'none', 'whole'),
      knownRender(connection.db, 'whole', 'narrow'),
      knownRender(connection.db, 'old', 'none'),
    ]);
    expect(found.map(({ render }) => render?.id)).toEqual([narrow.id, whole.id, whole.id, undefined]);
    expect(found[0]?.render).toEqual(narrow);
    expect(old.createdAt).toBeInstanceOf(Date);
  });

  it('leaves alone what failed three times, until it has been rendered', async () => {
    for (const _ of [1, 2]) await recordRenderFailure(connection.db, 'failing', 'bad YAML');
    expect((await knownRender(connection.db, 'failing', 'of all')).paused).toBeUndefined();
    await recordRenderFailure(connection.db, 'failing', 'worse YAML');
    expect((await knownRender(connection.db, 'of all', 'failing')).paused).toBe('worse YAML');
    await stored({ renderKey: 'failing' });
    expect((await knownRender(connection.db, 'failing')).paused).toBeUndefined();
  });
});
