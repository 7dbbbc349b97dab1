import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takeAskedChecks } from '../../support/hostile/asked-checks.ts';
import { eventually, guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { type SampleDelivery, sampleSecrets, webhookSamples } from '../../support/render/webhook-samples.ts';

let server: TestApi;
let open: TestApi;
beforeAll(async () => {
  [server, open] = await Promise.all([
    startApi({ config: { webhookSecrets: sampleSecrets } }),
    startApi({ config: { webhookSecrets: { github: '' }, webhookOpen: true } }),
  ]);
});
afterAll(() => Promise.all([server?.close(), open?.close()]));

function post({ headers, body }: SampleDelivery, to: TestApi = server) {
  return to.api.request('/api/webhook', { method: 'POST', headers, body });
}

/** Creates an application of each URL, and one that follows something else. */
async function createFor(name: string, repoURLs: readonly string[], targetRevision: string) {
  const sources: Record<string, object> = {};
  for (const [index, repoURL] of repoURLs.entries())
    sources[`${name}-${index}`] = { repoURL, targetRevision };
  sources[`${name}-elsewhere`] = { repoURL: repoURLs[0], targetRevision: 'elsewhere' };
  for (const [application, source] of Object.entries(sources)) {
    const spec = { source: { path: '.', ...source } };
    expect((await server.call('POST', '/api/v1/applications', guestbook(application, spec))).status).toBe(
      200,
    );
  }
  await takeAskedChecks(server);
}

async function deliveries(of: TestApi = server) {
  const { rows } = await of.connection.pool.query<{ done: boolean }>(
    'select done_at is not null as done from webhook_deliveries',
  );
  return rows;
}

const settled = (of: TestApi = server) =>
  eventually('deliveries settled', async () =>
    (await deliveries(of)).every(({ done }) => done) ? true : undefined,
  );

describe.each(webhookSamples.map((sample, index) => ({ ...sample, name: `provider-${index}` })))(
  'webhook of $title',
  ({ title, name, repoURLs, deliver, tamper }) => {
    test('a push makes the repositories due of what follows the ref, a repeated delivery nothing more', async () => {
      const ref = title.includes('tag_push') ? 'refs/tags/main' : 'refs/heads/main';
      const urls = [...repoURLs(name)].sort();
      await createFor(name, repoURLs(name), 'main');
      const once = deliver(name, ref);
      for (const delivery of [once, once]) {
        const reply = await post(delivery);
        expect([reply.status, await reply.text()]).toEqual([200, '']);
      }
      await settled();
      expect(await takeAskedChecks(server)).toEqual({ urls, applications: [2] });
      expect((await post(deliver(name, ref))).status).toBe(200);
      await settled();
      expect(await takeAskedChecks(server)).toEqual({ urls, applications: [2] });
    });

    test('a tampered delivery is refused without being stored, and passes where no secret is set', async () => {
      const before = (await deliveries()).length;
      const tampered = tamper(deliver(name, 'refs/heads/main'));
      const reply = await post(tampered);
      const message = await reply.text();
      expect([reply.status, message]).toEqual([400, expect.stringContaining('does not match')]);
      expect(message).not.toContain('canary');
      expect(await deliveries()).toHaveLength(before);
      expect((await post(tampered, open)).status).toBe(200);
      await settled(open);
    });
  },
);

describe('webhook providers', () => {
  const azure = () => webhookSamples.at(-1)?.deliver('x', 'refs/heads/main') ?? { headers: {}, body: '' };

  test('HEAD follows the default branch, or any branch where the provider names none', async () => {
    for (const [index, sample] of webhookSamples.entries()) {
      const name = `head-${index}`;
      await createFor(name, sample.repoURLs(name).slice(0, 1), 'HEAD');
      await post(sample.deliver(name, 'refs/heads/topic'));
      await settled();
      const concerned = sample.title.startsWith('Bitbucket') ? 1 : 0;
      expect((await takeAskedChecks(server)).applications, sample.title).toEqual([concerned]);
    }
  });

  test('pings and the other events of a system hook are answered, other events refused', async () => {
    const before = (await deliveries()).length;
    const { gitlab } = sampleSecrets;
    const status = async (headers: Record<string, string>, body = '{}') =>
      (await post({ headers, body })).status;
    expect(await status({ 'x-event-key': 'diagnostics:ping' }, '{"test":true}')).toBe(200);
    const system = { 'x-gitlab-event': 'System Hook', 'x-gitlab-token': gitlab };
    expect(await status(system, '{"event_name":"project_create"}')).toBe(200);
    expect(await status({ ...system, 'x-gitlab-token': '' }, '{"event_name":"project_create"}')).toBe(400);
    expect(await status({ ...system, 'x-gitlab-event': 'Issue Hook' })).toBe(400);
    expect(await status({ ...system, 'x-gitlab-event': 'Push Hook' })).toBe(400);
    const { headers } = azure();
    expect(await status(headers, '{"eventType":"build.complete","resource":{}}')).toBe(400);
    const cloud = { 'x-hook-uuid': `{${sampleSecrets.bitbucketUuid.toUpperCase()}}` };
    expect(await status({ ...cloud, 'x-event-key': 'repo:fork' })).toBe(400);
    expect(await status(cloud)).toBe(400);
    expect(await deliveries()).toHaveLength(before);
  });

  test('a provider without a secret is refused as soon as another one has one', async () => {
    const { github } = sampleSecrets;
    const some = await startApi({ config: { webhookSecrets: { github }, webhookOpen: true } });
    try {
      for (const [index, sample] of webhookSamples.entries()) {
        const reply = await post(sample.deliver(`some-${index}`, 'refs/heads/main'), some);
        const expected = sample.title.startsWith('GitHub') ? '' : 'has no secret on this server';
        expect(await reply.text(), sample.title).toContain(expected);
        expect(reply.status, sample.title).toBe(expected === '' ? 200 : 400);
      }
      await settled(some);
    } finally {
      await some.close();
    }
  });

  test('without any secret every provider is refused, with the way to open webhooks on purpose', async () => {
    const closed = await startApi();
    try {
      for (const [index, sample] of webhookSamples.entries()) {
        const reply = await post(sample.deliver(`closed-${index}`, 'refs/heads/main'), closed);
        expect(reply.status, sample.title).toBe(400);
        expect(await reply.text(), sample.title).toContain('KEELSON_WEBHOOK_OPEN=true');
      }
      expect(await deliveries(closed)).toEqual([]);
    } finally {
      await closed.close();
    }
  });

  test('the first provider of the table is asked, so that no other header gets around its secret', async () => {
    const { headers, body } = azure();
    const { authorization: _, ...without } = headers;
    const gogs = { ...without, 'x-gogs-event': 'push' };
    const reply = await post({ headers: gogs, body });
    expect(await reply.text()).toContain('Azure DevOps does not match');
  });
});
