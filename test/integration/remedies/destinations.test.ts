import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderUploaded } from '../../../activities/desired/desired.ts';
import { clusterWaitActivities } from '../../../activities/operation/cluster-wait.ts';
import { userInitiator } from '../../../core/sync/operation/initiator.ts';
import { deletionRequest } from '../../../core/sync/operation/operation.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import { createContentStore } from '../../../db/content-store.ts';
import { getApplication } from '../../../db/queries/application/application.ts';
import { createApplication } from '../../../db/queries/application/application-create.ts';
import { findCluster, saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { saveCapabilities } from '../../../db/queries/cluster/session.ts';
import { requestOperation } from '../../../db/queries/operation/operation-request.ts';
import { clusters } from '../../../db/schema/cluster.ts';
import { openSettingsSource, type SettingsSource } from '../../../db/settings-source.ts';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { createLogger } from '../../../platform/logger.ts';
import { problemsOf } from '../../support/hostile/remedies.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';

const keyring = createKeyring(generateKey());
const capabilities = { kubeVersion: 'v1.35.4', apiVersions: ['v1'], namespaced: {}, unclear: [] };
let connection: DatabaseConnection;
let settings: SettingsSource & { close(): Promise<void> };

beforeAll(async () => {
  connection = await openTestDatabase();
  settings = await openSettingsSource({
    ...connection,
    keyring,
    log: createLogger({ name: 'test', level: 'silent' }),
  });
});

afterAll(async () => {
  await settings?.close();
  await connection?.close();
});

const register = (name: string) =>
  saveCluster(connection.db, keyring, { name, server: `https://${name}.test`, credentials: {} });

async function applicationOn(name: string, clusterId: string): Promise<string> {
  const created = await createApplication(connection.db, {
    ...{ namespace: 'argocd', name, project: 'default', clusterId },
    ...{ labels: {}, annotations: {}, finalizers: [] },
    spec: { project: 'default', destination: { server: `https://${name}.test` } },
    repositories: [],
    audit: { actor: 'test', action: 'create', object: 'application' },
  });
  return created?.id ?? '';
}

/** The cluster that an application's destination means now. */
async function clusterOf(applicationId: string): Promise<string> {
  return (await getApplication(connection.db, applicationId))?.clusterId ?? '';
}

/** What speaks against a render for a cluster. */
function render(clusterId: string): Promise<string[]> {
  const deps = {
    ...{ db: connection.db, keyring, settings, homeNamespace: 'argocd' },
    content: createContentStore(connection.db, keyring),
  };
  return problemsOf(() =>
    renderUploaded(deps, {
      ...{ application: { name: 'a', namespace: 'argocd' }, clusterId, manifests: [] },
      spec: { project: 'default', destination: {} },
    }),
  );
}

/** What speaks against a sync that waits for a session of a cluster. */
async function wait(clusterId: string): Promise<string[]> {
  const spec = { project: 'default', destination: {} };
  const { id, applicationId } = await requestOperation(connection.db, {
    application: {
      id: crypto.randomUUID(),
      namespace: 'argocd',
      project: 'default',
      name: 'a',
      clusterId,
      spec,
    },
    kind: 'sync',
    initiatedBy: userInitiator('admin'),
    request: { ...deletionRequest, strategy: 'hook' },
  });
  const ref = { applicationId, clusterId, operationId: id, attempt: 1 };
  return await problemsOf(() =>
    clusterWaitActivities({ ...connection, homeNamespace: 'argocd' }).awaitCluster({
      ...ref,
      absence: 'session',
    }),
  );
}

describe('a destination', () => {
  it('that is not registered any more is added again, or another one is chosen', async () => {
    const cluster = await register('gone');
    const other = await register('other');
    await saveCapabilities(connection.db, other.id, capabilities);
    const application = await applicationOn('gone', cluster.id);
    await connection.db.delete(clusters).where(eq(clusters.id, cluster.id));
    const says = `cluster ${cluster.id} is not registered any more; choose another destination or add it again`;
    expect(await render(cluster.id)).toEqual([expect.stringContaining(says)]);
    expect(await wait(cluster.id)).toEqual([expect.stringContaining(says)]);

    const chosen = (await findCluster(connection.db, { name: 'other' }))?.id ?? '';
    expect(await render(chosen)).toEqual([]);
    expect(await wait(chosen)).toEqual([]);
    await saveCapabilities(connection.db, (await register('gone')).id, capabilities);
    const again = await clusterOf(application);
    expect(again).not.toBe(cluster.id);
    expect(await render(again)).toEqual([]);
    expect(await wait(again)).toEqual([]);
  });

  it('that is being connected is there in a moment', async () => {
    const { id } = await register('new');
    expect(await render(id)).toEqual([
      expect.stringContaining('cluster new is being connected; try again in a moment'),
    ]);
    await saveCapabilities(connection.db, id, capabilities);
    expect(await render(id)).toEqual([]);
  });
});
