import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import type { TestRepository } from '../../support/servers/git-server.ts';

/** More than a worker renders at once: 20 chunks of up to ten applications. */
const backlog = 240;

let keelson: TestKeelson;
let silent: Server;
let silentUrl = '';

beforeAll(async () => {
  keelson = await startKeelson();
  silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  silentUrl = `http://127.0.0.1:${address.port}/silent.git`;
});

afterAll(async () => {
  silent?.close();
  await keelson?.stop();
});

async function revisionOf(name: string): Promise<string | undefined> {
  const { status } = await keelson.client.applications.get(name);
  return status?.sync?.revision;
}

async function create(name: string, repoURL: string): Promise<void> {
  const application = applicationOf({ name, repoURL, namespace: 'refresh-fairness' });
  await keelson.client.applications.create(application, { upsert: false, validate: false });
}

async function push({ url }: TestRepository): Promise<void> {
  const reply = await fetch(`${keelson.url}/api/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-github-event': 'push' },
    body: JSON.stringify({
      ref: 'refs/heads/main',
      repository: { html_url: url, clone_url: url, default_branch: 'main' },
    }),
  });
  expect(reply.status).toBe(200);
}

describe('refreshes of a worker that has more to do than it can', () => {
  it('renders what a push changes and what a person asks for before the backlog', async () => {
    const files = (version: string) => ({ 'app.yaml': yamlOf(configMap('fair', { version })) });
    const repository = await keelson.gitServer.createRepository('fairness', files('1'));
    await create('fairness-pushed', repository.url);
    await expect.poll(() => revisionOf('fairness-pushed'), { timeout: 20_000 }).toBeTruthy();
    for (let number = 0; number < backlog; number++) await create(`fairness-${number}`, silentUrl);
    const other = await keelson.gitServer.createRepository('fairness-other', files('1'));
    await create('fairness-last', other.url);

    const sha = await repository.commit(files('2'));
    await push(repository);
    await expect.poll(() => revisionOf('fairness-pushed'), { timeout: 10_000 }).toBe(sha);
    // The backlog stands.
    expect(await revisionOf('fairness-last')).toBeFalsy();
    await keelson.client.applications.get('fairness-last', { refresh: 'normal' });
    await expect.poll(() => revisionOf('fairness-last'), { timeout: 10_000 }).toBeTruthy();
  });
});
