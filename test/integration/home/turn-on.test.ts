import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterClient } from '../../../cluster/request/client.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { findApplication } from '../../../db/queries/application/application.ts';
import { isTurnedOn } from '../../../db/queries/home/turn.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { pollUntil } from '../../../local/poll.ts';
import { generateKey } from '../../../platform/encryption.ts';
import { installHomeKinds } from '../../support/home/home-kinds.ts';
import { openPlatformCluster } from '../../support/home/platform-cluster.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

const namespace = 'home-turn';
/** An installation is started twice within one test. */
const patience = { timeout: 240_000 };
const key = generateKey();
type Facts = Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;

let facts: Facts;
let cluster: ClusterClient;
let database: DatabaseConnection;
let keelson: TestKeelson | undefined;
const faultDir = mkdtempSync(join(tmpdir(), 'keelson-turn-on-'));

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  cluster = await openPlatformCluster(facts);
  await installHomeKinds(cluster);
  await cluster.applyServerSide({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  database = connectDatabase(facts.databaseUrl, { connections: 2, onError: () => {} });
});

afterAll(async () => {
  await keelson?.stop();
  await database?.close();
  await cluster?.close();
  await facts?.drop();
  rmSync(faultDir, { recursive: true, force: true });
});

/** Starts the same installation anew, with rows or with objects as what holds. */
async function start(bridge: boolean): Promise<TestKeelson> {
  await keelson?.stop();
  keelson = await startKeelsonOn(facts, {
    env: {
      KEELSON_ENCRYPTION_KEY: key,
      KEELSON_NAMESPACE: namespace,
      KEELSON_HOME_BRIDGE: String(bridge),
      KEELSON_FAULT_DIR: faultDir,
    },
  });
  return keelson;
}

const objectKey = (name: string) => ({ group: 'argoproj.io', kind: 'Application', namespace, name });
const objectOf = (name: string) => cluster.get('argoproj.io/v1alpha1', objectKey(name));
const rowOf = (name: string) => findApplication(database.db, { namespace, name });
const still = (name: string) =>
  applicationOf({ name, repoURL: 'https://git.test/nowhere.git', namespace: `home-turn-${name}` });
const names = ['first', 'second', 'third', 'same', 'other', 'rival'];

async function turnedOn(): Promise<void> {
  await pollUntil('objects are what holds', 60, () => isTurnedOn(database.db));
}

describe('an installation with rows', () => {
  it(
    'has each written as an object when it is turned on, and overwrites none that is there',
    patience,
    async () => {
      const { create } = await start(false);
      for (const name of names) await create(still(name));
      expect(await objectOf('first')).toBeUndefined();
      const { metadata: _, ...same } = still('same');
      const taken = (name: string) => ({ name, namespace });
      await cluster.applyServerSide({ ...same, metadata: taken('same') }, { fieldManager: 'kubectl' });
      for (const name of ['other', 'rival']) {
        const spec = { ...same.spec, revisionHistoryLimit: 7 };
        await cluster.applyServerSide({ ...same, spec, metadata: taken(name) }, { fieldManager: 'kubectl' });
      }

      const running = await start(true);
      await turnedOn();
      for (const name of ['first', 'second', 'third', 'same']) {
        const object = await objectOf(name);
        expect(await rowOf(name)).toMatchObject({ homeUid: object?.metadata.uid, homeConditions: [] });
        expect(object?.['spec']).toEqual((await rowOf(name))?.spec);
      }
      const project = { group: 'argoproj.io', kind: 'AppProject', namespace, name: 'default' };
      expect(await cluster.get('argoproj.io/v1alpha1', project)).toBeDefined();
      expect(await objectOf('other')).toMatchObject({ spec: { revisionHistoryLimit: 7 } });
      const shown = await running.client.applications.get('other');
      expect(shown.spec).not.toHaveProperty('revisionHistoryLimit');
      expect(shown.status?.conditions).toContainEqual(expect.objectContaining({ type: 'HomeConflict' }));
      await expect(running.request('other')).rejects.toThrow(
        'make both the same, or delete the object to have it written from here',
      );
      expect((await listAudit(database.db, 100)).map(({ action }) => action)).toContain('home.on');
    },
  );

  it('has a conflict solved by who changes the application, or deletes the object', async () => {
    const running = keelson as TestKeelson;
    const { spec } = still('other');
    const changed = { ...spec, info: [{ name: 'decided', value: 'here' }] };
    await running.client.applications.replaceSpec('other', changed, { validate: false });
    const object = await objectOf('other');
    expect(object?.['spec']).toMatchObject({ revisionHistoryLimit: 7, info: changed.info });
    expect(await rowOf('other')).toMatchObject({ homeConditions: [], spec: { revisionHistoryLimit: 7 } });

    await cluster.delete('argoproj.io/v1alpha1', objectKey('rival'));
    await pollUntil('an object made of the row', 30, async () => (await rowOf('rival'))?.homeUid !== null);
    expect((await objectOf('rival'))?.['spec']).toEqual(still('rival').spec);
    expect(await rowOf('rival')).toMatchObject({ homeConditions: [] });
  });

  it(
    'has the rows hold again when it is turned off, and goes on where a start in between was killed',
    patience,
    async () => {
      const off = await start(false);
      expect(await rowOf('first')).toMatchObject({ homeUid: null });
      const { spec } = still('first');
      await cluster.patch(
        'argoproj.io/v1alpha1',
        objectKey('first'),
        { spec: { project: 'nobody' } },
        'merge',
      );
      await off.client.applications.replaceSpec('second', spec, { validate: false });
      const repository = await off.gitServer.createRepository('turned', {
        'a.yaml': yamlOf(configMap('turned', { v: '1' })),
      });
      await off.create(
        applicationOf({ name: 'working', repoURL: repository.url, namespace: 'home-turn-working' }),
      );
      await off.sync('working');
      expect((await rowOf('first'))?.spec.project).toBe('default');
      for (const name of ['first', 'second', 'third']) {
        await cluster.delete('argoproj.io/v1alpha1', objectKey(name));
      }

      const armed = join(faultDir, 'row-written-as-object');
      writeFileSync(armed, 'kill');
      const on = await start(true);
      await turnedOn();
      for (const name of [...names, 'working']) {
        expect((await rowOf(name))?.homeUid).toBe((await objectOf(name))?.metadata.uid);
      }
      expect(existsSync(armed)).toBe(false);
      // Its repository was the former start's: what was synced before is known as it was.
      expect((await on.client.applications.get('working')).status?.history).toHaveLength(1);
    },
  );
});
