import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GlobalProject } from '../../../core/project/rules/global.ts';
import { defaultSettings } from '../../../core/settings/settings.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import { saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { findEffectiveProject } from '../../../db/queries/project/effective-project.ts';
import { clusters } from '../../../db/schema/cluster.ts';
import { projects } from '../../../db/schema/project.ts';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';

let connection: DatabaseConnection;
const globalProjects = [
  GlobalProject.parse({ projectName: 'base', labelSelector: { matchLabels: { tier: 'prod' } } }),
];
const settings = { current: () => ({ ...defaultSettings, globalProjects }) };

beforeAll(async () => {
  connection = await openTestDatabase();
  const { db } = connection;
  await db.insert(projects).values([
    { name: 'base', spec: { sourceRepos: ['https://base.example.com/*'] } },
    { name: 'team', labels: { tier: 'prod' }, spec: { permitOnlyProjectScopedClusters: true } },
    { name: 'other', spec: {} },
    { name: 'broken', spec: { sourceRepos: 'all' } },
  ]);
  const keyring = createKeyring(generateKey());
  for (const name of ['own', 'everybodys', 'others']) {
    const { id } = await saveCluster(db, keyring, {
      name,
      server: `https://${name}.example.com`,
      credentials: {},
    });
    const project = { own: 'team', others: 'other' }[name];
    if (project !== undefined) await db.update(clusters).set({ project }).where(eq(clusters.id, id));
  }
});

afterAll(() => connection?.close());

const find = (name: string) => findEffectiveProject({ db: connection.db, settings }, name);

describe('findEffectiveProject', () => {
  it('reads a project with what it inherits and the clusters that are its own', async () => {
    expect(await find('team')).toMatchObject({
      usable: true,
      project: {
        spec: { sourceRepos: ['https://base.example.com/*'], permitOnlyProjectScopedClusters: true },
      },
      clusters: [{ server: 'https://own.example.com', name: 'own' }],
    });
    expect(await find('other')).toMatchObject({
      project: { spec: {} },
      clusters: [{ server: 'https://others.example.com', name: 'others' }],
    });
  });

  it('says of a project that is gone or unreadable why nobody can go by it', async () => {
    const found = await Promise.all(['nowhere', 'broken'].map(find));
    expect(found).toMatchObject([{ reason: 'missing' }, { reason: 'unreadable' }]);
  });

  it('sees a change at once', async () => {
    await connection.db
      .update(projects)
      .set({ spec: { sourceRepos: ['*'] } })
      .where(eq(projects.name, 'broken'));
    expect(await find('broken')).toMatchObject({ usable: true, project: { spec: { sourceRepos: ['*'] } } });
  });
});
