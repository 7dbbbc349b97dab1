import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { ApplicationStore } from '../../../control/application/store/application-store.ts';
import { deletionApprovedAnnotation, resourcesFinalizer } from '../../../core/object/annotations.ts';
import type { Database } from '../../../db/client.ts';
import type { ApplicationRow, ApplicationWrite } from '../../../db/queries/application/application.ts';
import { changesAfter } from '../../../db/queries/application/change.ts';
import { readDirty } from '../../../db/queries/application/refresh-request.ts';
import { type AuditEntry, listAudit } from '../../../db/queries/installation/audit.ts';
import type { DeletionAsk } from '../../../db/queries/operation/removal-request.ts';
import { findRepository } from '../../../db/queries/repository/repository.ts';

/** A store with the database that its rows are in, whatever else it keeps applications in. */
export type StoreUnderTest = { readonly store: ApplicationStore; readonly db: Database };

const namespace = 'argocd';
const repositories = [{ url: 'https://git.test/store.git', type: 'git' }] as const;

const write: ApplicationWrite = {
  project: 'default',
  labels: { team: 'web' },
  annotations: { note: 'first' },
  finalizers: [],
  spec: {
    project: 'default',
    source: { repoURL: 'https://git.test/store.git', path: '.' },
    destination: { name: 'nowhere', namespace: 'web' },
  },
};

const auditOf = (action: string): AuditEntry => ({ actor: 'admin', action, object: 'default/web' });
const ask: DeletionAsk = {
  request: { cascade: 'foreground' },
  username: 'admin',
  finalizers: [resourcesFinalizer],
  home: namespace,
};

/** What every store of applications keeps to; call it within a `describe` of the store. */
export function testApplicationStore(opened: () => StoreUnderTest): void {
  const create = async (name: string = randomUUID()): Promise<ApplicationRow> => {
    const { store } = opened();
    const along = { repositories, audit: auditOf('create') };
    const row = await store.create({ ...write, namespace, name, ...along });
    if (row === undefined) throw new Error(`application ${name} was not created`);
    return row;
  };
  const remove = async (row: ApplicationRow): Promise<void> => {
    const { store } = opened();
    const giveUp = { ...ask, request: { cascade: 'none' }, finalizers: [] } as const;
    await store.requestDeletion(row, giveUp, () => auditOf('delete'));
    expect(await store.find(row)).toBeUndefined();
  };
  const newestAudit = async (): Promise<string | undefined> => (await listAudit(opened().db, 1))[0]?.action;
  const newestChange = async (): Promise<number> =>
    (await changesAfter(opened().db, 0, 100_000)).at(-1)?.id ?? 0;

  it('finds what it has created, with everything that its owner decided', async () => {
    const { store, db } = opened();
    const before = await newestChange();
    const row = await create();
    expect(row).toMatchObject({ ...write, namespace, specGeneration: 1, deletionRequestedAt: null });
    expect(await store.find(row)).toEqual(row);
    expect(await store.find({ ...row, namespace: 'elsewhere' })).toBeUndefined();
    expect(await newestAudit()).toBe('create');
    expect(await findRepository(db, 'https://git.test/store.git', '')).toBeDefined();
    expect(await readDirty(db, row.id)).toMatchObject({ generation: 1, renderedGeneration: 0 });
    expect(await changesAfter(db, before)).toMatchObject([
      { type: 'ADDED', topic: 'application', applicationId: row.id },
    ]);
  });

  it('creates one of those that are created under a name at once, and leaves that one as it is', async () => {
    const { store, db } = opened();
    const name = randomUUID();
    const before = await listAudit(db, 1000);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => create(name).catch(() => undefined)));
    const [row, ...others] = outcomes.filter((one) => one !== undefined);
    expect(others).toEqual([]);
    expect(await store.find({ namespace, name })).toEqual(row);
    expect(await listAudit(db, 1000)).toHaveLength(before.length + 1);
  });

  it('raises the generation with what counts for it, and asks for a refresh with every write', async () => {
    const { store, db } = opened();
    const row = await create();
    const replace = async (change: Partial<ApplicationWrite>) => {
      const along = { repositories, audit: () => auditOf('replace') };
      const written = await store.replace(row, { ...write, ...change }, along);
      expect(await store.find(row)).toEqual(written);
      return written;
    };
    expect(await replace({})).toMatchObject({ specGeneration: 1 });
    const kept = { ...write.annotations, 'argocd.argoproj.io/refresh': 'hard' };
    expect(await replace({ annotations: kept })).toMatchObject({ specGeneration: 1, annotations: kept });
    expect(await replace({ labels: {} })).toMatchObject({ specGeneration: 2, generation: 1 });
    const spec = { ...write.spec, revisionHistoryLimit: 1 };
    const last = await replace({ spec, labels: {} });
    expect(last).toMatchObject({ specGeneration: 3, generation: 2, spec, createdAt: row.createdAt });
    expect(last?.resourceVersion).toBeGreaterThan(row.resourceVersion);
    expect(await readDirty(db, row.id)).toMatchObject({ generation: 5 });
    expect(await newestAudit()).toBe('replace');
  });

  it('audits each of several writes at once beside the one that it replaced', async () => {
    const { store } = opened();
    const row = await create();
    const chain: (readonly [before: string | undefined, after: string])[] = [];
    const teams = Array.from({ length: 6 }, (_, index) => `team-${index}`);
    await Promise.all(
      teams.map((team) => {
        const audit = (before: ApplicationRow): AuditEntry => {
          chain.push([before.labels['team'], team]);
          return auditOf('replace');
        };
        return store.replace(row, { ...write, labels: { team } }, { repositories, audit });
      }),
    );
    expect(chain.map(([, after]) => after).sort()).toEqual(teams);
    expect(chain.map(([before]) => before)).toEqual(['web', ...chain.slice(0, -1).map(([, after]) => after)]);
  });

  it('keeps what others found of an application when its owner writes', async () => {
    const { store } = opened();
    const row = await create();
    const found = { syncStatus: row.syncStatus, conditions: row.conditions, reconciledAt: row.reconciledAt };
    const along = { repositories, audit: () => auditOf('replace') };
    expect(await store.replace(row, { ...write, labels: {} }, along)).toMatchObject(found);
  });

  it('gives its word for deletions by the clock of the database, which is no change of what it should be', async () => {
    const { store } = opened();
    const row = await create();
    expect(await store.approveDeletions(row, auditOf('approve'))).toBe(true);
    const approved = await store.find(row);
    expect(approved?.annotations).toEqual({
      ...write.annotations,
      [deletionApprovedAnnotation]: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    expect(approved).toMatchObject({ specGeneration: 1 });
    expect(await newestAudit()).toBe('approve');
  });

  it('is asked for a deletion once, and the first request stays when there is nothing new in the second', async () => {
    const { store } = opened();
    const row = await create();
    const audit = () => auditOf('delete');
    // No cluster of that name is there, so nothing can be deleted: the application stays and says why.
    expect(await store.requestDeletion(row, ask, audit)).toMatchObject({ state: 'ended' });
    const stays = await store.find(row);
    expect(stays).toMatchObject({
      deletionRequestedAt: null,
      finalizers: [],
      deletionFailure: { message: expect.stringContaining('is not a registered cluster') },
    });
    expect(await newestAudit()).toBe('delete');
    await remove(row);
  });

  it('writes nothing, not even into the audit, for an application that is gone', async () => {
    const { store, db } = opened();
    const row = await create();
    await remove(row);
    const before = await listAudit(db, 1);
    const along = { repositories, audit: () => auditOf('replace') };
    expect(await store.replace(row, write, along)).toBeUndefined();
    expect(await store.approveDeletions(row, auditOf('approve'))).toBe(false);
    expect(await store.requestDeletion(row, ask, () => auditOf('delete'))).toBeUndefined();
    expect(await listAudit(db, 1)).toEqual(before);
  });
}
