import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findApplication } from '../../../db/queries/application/application.ts';
import { pollUntil } from '../../../local/poll.ts';
import { lookInto } from '../../support/home/home-objects.ts';
import { startHome, type TestHome } from '../../support/home/start-home.ts';
import { applicationOf, configMap, job, wave, yamlOf } from '../../support/keelson/applications.ts';
import type { TestRepository } from '../../support/servers/git-server.ts';

const namespace = 'home-tree';
let home: TestHome;
let look: ReturnType<typeof lookInto>;
let repository: TestRepository;
const automated = { automated: { prune: true, selfHeal: true } };

/** A child of a tree as the files of its parent say it. */
function child(name: string, annotations: Record<string, string> = {}) {
  const made = applicationOf({
    name,
    repoURL: repository.url,
    path: `maps/${name}`,
    namespace: `home-tree-${name}`,
    annotations,
    syncPolicy: automated,
  });
  return { ...made, metadata: { ...made.metadata, namespace } };
}

/** A Job that has failed as soon as it is made. */
function failing(name: string) {
  return job(name, {}, { annotations: { 'keelson.test/pod': 'fail' } });
}

async function parent(name: string): Promise<void> {
  const shape = { name, repoURL: repository.url, path: name, namespace, syncPolicy: automated };
  await home.apply(applicationOf(shape));
}

/** How often applications were compared, by name; the session's log tells of each. */
async function comparisons(...names: readonly string[]): Promise<number[]> {
  const log = readFileSync(join(home.stateDir, 'roles', 'session.log'), 'utf8').split('\n');
  const lines = log.filter((line) => line.includes('application is compared'));
  return Promise.all(
    names.map(async (name) => {
      const row = await findApplication(home.database.db, { namespace, name });
      return lines.filter((line) => line.includes(row?.id ?? 'nobody')).length;
    }),
  );
}

const healthOf = async (name: string) => (await home.client.applications.get(name)).status?.health?.status;

beforeAll(async () => {
  home = await startHome(namespace, { env: { KEELSON_LOG_LEVEL: 'debug' } });
  look = lookInto(home);
  repository = await home.gitServer.createRepository('home-tree', {
    'maps/quiet/a.yaml': yamlOf(configMap('map', { v: '1' })),
    'maps/waved/a.yaml': yamlOf(configMap('map', { v: '1' })),
    'maps/scripted/a.yaml': yamlOf(configMap('map', { v: '1' })),
  });
  await repository.commit({
    'plain-tree/a.yaml': yamlOf(child('quiet')),
    'in-waves/a.yaml': yamlOf(child('waved', wave(1)), configMap('before', { v: '1' })),
  });
});

afterAll(async () => {
  await home?.stop();
});

describe('a parent of applications', () => {
  it('is not compared for what its child does, while the child shows the truth', async () => {
    await parent('plain-tree');
    await look.known('quiet');
    await home.healthy('plain-tree');
    await home.healthy('quiet');
    await pollUntil('quiet told on its object', 60, async () => {
      const { sync } = (await look.status('quiet')) as { sync?: { status?: string } };
      return sync?.status === 'Synced';
    });
    const [before = 0] = await comparisons('plain-tree');
    expect(before).toBeGreaterThan(0);
    await repository.commit({ 'maps/quiet/a.yaml': yamlOf(configMap('map', { v: '2' })) });
    await home.client.applications.get('quiet', { refresh: 'normal' });
    await pollUntil('the second sync of quiet on its object', 60, async () => {
      const { history = [] } = (await look.status('quiet')) as { history?: unknown[] };
      return history.length === 2;
    });
    expect(await comparisons('plain-tree')).toEqual([before]);
    const tree = await home.client.applications.resourceTree('plain-tree');
    const node = tree.nodes.find(({ name }) => name === 'quiet');
    expect(node).toBeDefined();
    // A child has no health in a parent without waves.
    expect(node).not.toHaveProperty('health');
  });

  it('has the health of its children in its tree and its own where they come in waves', async () => {
    await parent('in-waves');
    await look.known('waved');
    await home.healthy('in-waves', 90);
    const nodeOf = async () =>
      (await home.client.applications.resourceTree('in-waves')).nodes.find(({ name }) => name === 'waved');
    await pollUntil(
      'a child that is Healthy in the tree',
      60,
      async () => (await nodeOf())?.health?.status === 'Healthy',
    );
    await repository.commit({ 'maps/waved/web.yaml': yamlOf(failing('web')) });
    await home.client.applications.get('waved', { refresh: 'normal' });
    await pollUntil(
      'a parent that is Degraded by its child',
      90,
      async () => (await healthOf('in-waves')) === 'Degraded',
    );
    expect((await nodeOf())?.health).toMatchObject({ status: 'Degraded' });
    expect((await home.client.applications.get('in-waves')).status?.sync?.status).toBe('Synced');
  });

  it('judges its children by a script as the reference has it', async () => {
    const script = `hs = {}
hs.status = "Progressing"
hs.message = ""
if obj.status ~= nil then
  if obj.status.health ~= nil then
    hs.status = obj.status.health.status
    if obj.status.health.message ~= nil then
      hs.message = obj.status.health.message
    end
  end
end
return hs
`;
    await repository.commit({
      'maps/scripted/web.yaml': yamlOf(failing('web')),
      'by-script/a.yaml': yamlOf(child('scripted')),
    });
    await home.cluster.applyServerSide({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'argocd-cm', namespace },
      data: { 'resource.customizations.health.argoproj.io_Application': script },
    });
    await parent('by-script');
    await look.known('scripted');
    await pollUntil(
      'a parent that is Degraded by its script',
      120,
      async () => (await healthOf('by-script')) === 'Degraded',
    );
  });
});
