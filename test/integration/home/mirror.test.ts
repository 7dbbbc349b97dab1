import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pollUntil } from '../../../local/poll.ts';
import { startHome, type TestHome } from '../../support/home/start-home.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';

let home: TestHome;

beforeAll(async () => {
  home = await startHome('home-mirror');
});

afterAll(async () => {
  await home?.stop();
});

describe('an Application object in the home cluster', () => {
  it('is an application that syncs, shown with the uid of its object', async () => {
    const repository = await home.gitServer.createRepository('mirrored', {
      'a.yaml': yamlOf(configMap('mirrored', { v: '1' })),
    });
    const stored = await home.apply(
      applicationOf({
        name: 'mirrored',
        repoURL: repository.url,
        namespace: 'home-mirrored',
        syncPolicy: { automated: {} },
      }),
    );
    await pollUntil('an application of the object', 20, async () => {
      const { items } = await home.client.applications.list();
      return (items ?? []).some(({ metadata }) => metadata.name === 'mirrored');
    });
    await home.healthy('mirrored');
    const shown = await home.client.applications.get('mirrored');
    expect(shown.metadata).toMatchObject({ uid: stored.metadata.uid, generation: 1 });
    expect(shown.metadata.creationTimestamp).toBe(stored.metadata.creationTimestamp);
  });
});
