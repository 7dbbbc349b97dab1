import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ApplicationRow, findApplication } from '../../../db/queries/application/application.ts';
import { newestChanges } from '../../../db/queries/application/change-feed.ts';
import { type Session, takeSession } from '../../../db/queries/cluster/session.ts';
import { holdSync, releaseSync, wakeHeldSyncs } from '../../../db/queries/operation/held-sync.ts';
import { heldSyncs } from '../../../db/schema/operation.ts';
import { guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';

let server: TestApi;
let session: Session;
let application: ApplicationRow;

beforeAll(async () => {
  server = await startApi();
  await server.call('POST', '/api/v1/applications', guestbook('web'));
  const { clusterId } = server;
  session = { clusterId, epoch: await takeSession(server.db, { clusterId, owner: 'a', version: '1' }) };
  application = (await findApplication(server.db, { namespace: 'argocd', name: 'web' })) as ApplicationRow;
});

afterAll(async () => {
  await server?.close();
});

beforeEach(async () => {
  await server.db.delete(heldSyncs);
});

const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000);

/** What is announced of the application while something is done. */
async function announcedBy(work: () => Promise<unknown>) {
  const [last] = (await newestChanges(server.db, 1)).map(({ id }) => id);
  await work();
  const changes = await newestChanges(server.db, 10);
  return changes
    .filter(({ id }) => id > (last ?? 0))
    .map(({ topic, applicationId, clusterId }) => ({ topic, applicationId, clusterId }));
}

describe('db/queries/operation/held-sync', () => {
  it('asks the session once for what is due, and for nothing else', async () => {
    const { id } = application;
    await holdSync(server.db, session, id, inSeconds(60));
    expect(await announcedBy(() => wakeHeldSyncs(server.db))).toEqual([]);

    await holdSync(server.db, session, id, inSeconds(-1));
    expect(
      await announcedBy(() => Promise.all([wakeHeldSyncs(server.db), wakeHeldSyncs(server.db)])),
    ).toEqual([{ topic: 'desired', applicationId: id, clusterId: server.clusterId }]);
    expect(await announcedBy(() => wakeHeldSyncs(server.db))).toEqual([]);

    // By a clock that is behind it is too early still: it will be asked again.
    await holdSync(server.db, session, id, inSeconds(-1));
    expect(await announcedBy(() => wakeHeldSyncs(server.db))).toHaveLength(1);
  });

  it('asks for nothing that was released', async () => {
    await holdSync(server.db, session, application.id, inSeconds(-1));
    await releaseSync(server.db, session, application.id);
    expect(await announcedBy(() => wakeHeldSyncs(server.db))).toEqual([]);
  });

  it('takes nothing from a session that is over', async () => {
    const over = { ...session, epoch: session.epoch - 1 };
    await expect(holdSync(server.db, over, application.id, inSeconds(1))).rejects.toThrow('was replaced');
    await holdSync(server.db, session, application.id, inSeconds(1));
    await expect(releaseSync(server.db, over, application.id)).rejects.toThrow('was replaced');
    const rows = await server.db.select().from(heldSyncs).where(eq(heldSyncs.applicationId, application.id));
    expect(rows).toHaveLength(1);
  });
});
