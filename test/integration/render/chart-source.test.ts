import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolPath } from '../../../local/obtain/tools.ts';
import { pollUntil } from '../../../local/poll.ts';
import { applicationOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import { type ChartServer, startChartServer } from '../../support/servers/chart-server.ts';

let keelson: TestKeelson;
let server: ChartServer;

beforeAll(async () => {
  server = await startChartServer({ helm: await toolPath('helm') });
  await server.publish([
    { name: 'demo', version: '1.0.0' },
    { name: 'demo', version: '1.2.0' },
  ]);
  keelson = await startKeelson();
});

afterAll(async () => {
  await keelson?.stop();
  await server?.stop();
});

describe('activities/source/chart-source', () => {
  it('syncs a chart of a Helm repository and shows its version as the revision', async () => {
    const application = applicationOf({
      name: 'chart',
      repoURL: server.url,
      namespace: 'chart-source',
      source: { chart: 'demo', path: undefined, targetRevision: '1.x', helm: { values: 'a: synced' } },
    });
    await keelson.create(JSON.parse(JSON.stringify(application)));
    expect(await keelson.sync('chart')).toMatchObject({ phase: 'Succeeded' });
    const key = { group: '', kind: 'ConfigMap', namespace: 'chart-source', name: 'chart-demo' };
    expect(await keelson.cluster.get('v1', key)).toMatchObject({ data: { version: '1.2.0', a: 'synced' } });
    const { status } = await keelson.client.applications.get('chart');
    expect(status?.sync).toMatchObject({ status: 'Synced', revision: '1.2.0' });
    expect(status?.sourceType).toBe('Helm');
  });

  it('follows its constraint when a version is published, without a refresh', async () => {
    await server.publish([{ name: 'demo', version: '1.3.0' }]);
    const looks = (): number => server.requests.filter(({ path }) => path.endsWith('/index.yaml')).length;
    const before = looks();
    await keelson.client.sources.addRepository(
      { repo: server.url, type: 'helm', name: 'demo' },
      { upsert: true },
    );
    await pollUntil('the new version is compared', 30, async () => {
      const { status } = await keelson.client.applications.get('chart');
      return status?.sync?.status === 'OutOfSync' && status.sync.revision === '1.3.0';
    });
    // The schedule may have had its own turn meanwhile.
    expect(looks()).toBeLessThanOrEqual(before + 2);
  });
});
