import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applicationOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import type { TestRepository } from '../../support/servers/git-server.ts';

const examples = fileURLToPath(new URL('../../../examples', import.meta.url));

let keelson: TestKeelson;
let repository: TestRepository;

beforeAll(async () => {
  keelson = await startKeelson();
  repository = await keelson.gitServer.createRepository('examples', filesBelow(examples));
});

afterAll(async () => {
  await keelson?.stop();
});

function filesBelow(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(files.map((path) => [relative(folder, path), readFileSync(path, 'utf8')]));
}

describe('sources', () => {
  it('syncs a Helm chart with values of an environment', async () => {
    await keelson.create(
      applicationOf({
        name: 'helm-example',
        repoURL: repository.url,
        path: 'helm-guestbook',
        namespace: 'helm-example',
        source: { helm: { valueFiles: ['values-production.yaml'] } },
      }),
    );
    expect(await keelson.sync('helm-example')).toMatchObject({ phase: 'Succeeded' });
    await keelson.healthy('helm-example');
    const { status } = await keelson.client.applications.get('helm-example');
    expect(status?.sourceType).toBe('Helm');
  });

  it('syncs a Kustomize overlay', async () => {
    await keelson.create(
      applicationOf({
        name: 'kustomize-example',
        repoURL: repository.url,
        path: 'kustomize-guestbook/overlays/staging',
        namespace: 'kustomize-example',
      }),
    );
    expect(await keelson.sync('kustomize-example')).toMatchObject({ phase: 'Succeeded' });
    await keelson.healthy('kustomize-example');
    const { status } = await keelson.client.applications.get('kustomize-example');
    expect(status?.sourceType).toBe('Kustomize');
  });

  it('reads a repository over file:// only where that is allowed', async () => {
    await keelson.create(
      applicationOf({
        name: 'by-file',
        repoURL: repository.fileUrl,
        path: 'guestbook',
        namespace: 'by-file',
      }),
    );
    const ended = await keelson.sync('by-file');
    expect(ended.phase).toBe('Error');
    expect(ended.message).toContain('file');
  });

  it('reads a private repository with its stored credentials, and says so when they are missing', async () => {
    const secret = 'pa55-of-repository';
    const server = keelson.gitServer;
    const own = await server.createRepository('private', {
      'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: private }\n',
    });
    server.requireAuth('reader', secret);
    await keelson.create(applicationOf({ name: 'private', repoURL: own.url, namespace: 'private' }));
    const refused = await keelson.sync('private');
    expect(refused.phase).toBe('Error');
    expect(refused.message).toMatch(/authentication|credentials/i);

    const login = await keelson.client.account.login('admin', keelson.adminPassword);
    const added = await fetch(`${keelson.url}/api/v1/repositories?upsert=true`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${login}` },
      body: JSON.stringify({ repo: own.url, username: 'reader', password: secret }),
    });
    expect(added.status).toBe(200);
    expect(await added.text()).not.toContain(secret);
    expect(await keelson.sync('private')).toMatchObject({ phase: 'Succeeded' });
  });
});
