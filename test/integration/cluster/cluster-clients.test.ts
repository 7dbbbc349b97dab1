import { eq } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterClients, openClusterClients } from '../../../activities/cluster-clients.ts';
import type { ClusterClient } from '../../../cluster/request/client.ts';
import { associatedDataOf } from '../../../db/associated-data.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import { saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { clusters } from '../../../db/schema/cluster.ts';
import { pollUntil } from '../../../local/poll.ts';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';
import { type ScriptedApi, startScriptedApi } from '../../support/scripted/scripted-api.ts';

const log = pino({ level: 'silent' });
const keyring = createKeyring(generateKey());
const server = 'https://north.example.com';
const never = 3_600_000;

let connection: DatabaseConnection;
let api: ScriptedApi;
let opened: ClusterClients[] = [];

beforeAll(async () => {
  connection = await openTestDatabase();
  api = await startScriptedApi(({ url }) =>
    url.pathname === '/version' ? { body: { major: '1', minor: '35', gitVersion: 'v1.35.0' } } : undefined,
  );
});

afterEach(async () => {
  await Promise.all(opened.map((clients) => clients.close()));
  opened = [];
});

afterAll(async () => {
  await api?.close();
  await connection?.close();
});

function open(pollMilliseconds: number): ClusterClients {
  const clients = openClusterClients({ ...connection, keyring, log, pollMilliseconds });
  opened.push(clients);
  return clients;
}

const register = (token = 'one', name = 'north') =>
  saveCluster(connection.db, keyring, {
    name,
    server,
    credentials: { name, server: api.url, tls: {}, bearerToken: token },
  });

const retired = (client: ClusterClient) =>
  pollUntil('the client is retired', 10, async () => client.retired.aborted);

/** Resolves when these clients have been compared with what stands in the database now: a change after it was seen. */
async function looked(clientFor: ClusterClients['clientFor']): Promise<void> {
  const address = 'https://witness.example.com';
  const { id } = await saveCluster(connection.db, keyring, {
    name: 'witness',
    server: address,
    credentials: { name: 'witness', server: api.url, tls: {} },
  });
  const witness = await clientFor(id);
  await connection.db.update(clusters).set({ name: 'renamed' }).where(eq(clusters.id, id));
  await retired(witness);
}

describe('activities/cluster-clients', () => {
  it('gives all who ask one client, until the cluster is registered with other credentials', async () => {
    const { id } = await register();
    const { clientFor } = open(never);
    const [first, same] = await Promise.all([clientFor(id), clientFor(id)]);
    expect(same).toBe(first);
    await first.version();
    const asked = api.asked.length;

    // Announced: nobody polls here.
    await register('two');
    await retired(first);
    await expect(first.version()).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
      message: 'cluster north is registered differently now; this is tried again with what holds now',
    });
    expect(api.asked).toHaveLength(asked);
    const next = await clientFor(id);
    expect(next).not.toBe(first);
    await next.version();
    expect(api.asked).toHaveLength(asked + 1);
  });

  it.each<[string, Partial<typeof clusters.$inferInsert>]>([
    ['another name', { name: 'south' }],
    ['namespaces', { namespaces: ['team'] }],
    ['no more cluster-wide kinds', { clusterResources: false }],
    [
      'another address',
      { server: 'https://moved.example.com', credentials: sealedFor('https://moved.example.com') },
    ],
  ])('retires a client for %s, also when nobody has announced it', async (_, change) => {
    const { id } = await register();
    const { clientFor } = open(100);
    const first = await clientFor(id);
    await connection.db.update(clusters).set(change).where(eq(clusters.id, id));
    await retired(first);
    expect(await clientFor(id)).not.toBe(first);
    await connection.db.delete(clusters).where(eq(clusters.id, id));
  });

  it('keeps a client while only the seal of its credentials, or what the cluster can do, changes', async () => {
    const { id } = await register();
    const { clientFor } = open(100);
    const first = await clientFor(id);
    await register();
    await connection.db.update(clusters).set({ connectionMessage: 'seen' }).where(eq(clusters.id, id));
    await looked(clientFor);
    expect(first.retired.aborted).toBe(false);
    expect(await clientFor(id)).toBe(first);
  });

  it('keeps the client whose credentials can not be read any more, and says why', async () => {
    const { id } = await register();
    const { clientFor } = open(100);
    const first = await clientFor(id);
    const unreadable = Buffer.from('nothing that was ever sealed');
    await connection.db.update(clusters).set({ credentials: unreadable }).where(eq(clusters.id, id));
    await looked(clientFor);
    await expect(open(never).clientFor(id)).rejects.toThrow();
    expect(first.retired.aborted).toBe(false);
    expect(await clientFor(id)).toBe(first);
    await register();
  });

  it('retires the client of a cluster that was removed, and finds none for it', async () => {
    const { id } = await register();
    const { clientFor, registered } = open(100);
    const first = await clientFor(id);
    await connection.db.delete(clusters).where(eq(clusters.id, id));
    await retired(first);
    await expect(first.version()).rejects.toThrow('cluster north is not registered any more');
    expect(await registered(id)).toBeUndefined();
    await expect(clientFor(id)).rejects.toMatchObject({ code: 'not-found', retryable: false });
  });
});

/** The credentials of a registration at another address, sealed for its row. */
function sealedFor(address: string): Buffer {
  const plain = JSON.stringify({ name: 'north', server: address, tls: {} });
  return keyring.seal('credentials', associatedDataOf.clusters({ server: address }), Buffer.from(plain));
}
