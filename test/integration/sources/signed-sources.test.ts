import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiClient } from '../../../cli/server/client.ts';
import type { Application } from '../../../core/application/spec/spec.ts';
import { pollUntil } from '../../../local/poll.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../../support/keelson/keelson.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { createGpgSigner, type GpgSigner } from '../../support/render/gpg-signer.ts';
import type { TestRepository } from '../../support/servers/git-server.ts';

let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let keelson: TestKeelson;
let token: string;
let database: pg.Client;
let repository: TestRepository;
let ann: GpgSigner;
let eve: GpgSigner;

const name = 'signed';
const notSigned = (sha: string): string =>
  `Target revision ${sha} in Git is not signed, but a signature is required; sign the commit or tag in ` +
  `${repository.url} with a key of project "${name}"`;

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  [keelson, ann, eve] = await Promise.all([
    startKeelsonOn(facts),
    createGpgSigner('ann'),
    createGpgSigner('eve'),
  ]);
  const login = createApiClient({ server: keelson.url });
  token = await login.account.login('admin', keelson.adminPassword);
  await login.close();
  database = new pg.Client(facts.databaseUrl);
  await database.connect();
  await database.query('insert into projects (name, spec) select $1, spec from projects', [name]);
  await demand(ann);
  repository = await keelson.gitServer.createRepository('signed', contents('0'));
  await ann.commit(repository.dir, 'signed');
  await keelson.client.sources.addGpgKeys(ann.publicKey);
  await keelson.create(signedApplication(name, 'main'));
});

afterAll(async () => {
  await database?.end();
  await Promise.all([keelson?.stop(), ann?.stop(), eve?.stop()]);
  await facts?.drop();
});

function contents(version: string): Record<string, string> {
  return { 'a.yaml': yamlOf(configMap('a', { version })), readme: version };
}

function signedApplication(one: string, targetRevision: string, syncPolicy = {}): Application {
  const { spec, ...rest } = applicationOf({
    name: one,
    repoURL: repository.url,
    namespace: one,
    targetRevision,
    syncPolicy,
  });
  return { ...rest, spec: { ...spec, project: name } };
}

async function demand(...signers: readonly GpgSigner[]): Promise<void> {
  const keys = JSON.stringify(signers.map(({ keyId }) => ({ keyID: keyId })));
  await database.query(
    `update projects set spec = jsonb_set(spec, '{signatureKeys}', $2::jsonb) where name = $1`,
    [name, keys],
  );
}

async function applied(namespace = name): Promise<unknown> {
  const key = { group: '', kind: 'ConfigMap', namespace, name: 'a' };
  return (await keelson.cluster.get('v1', key))?.['data'];
}

async function push(): Promise<void> {
  const body = JSON.stringify({
    ref: 'refs/heads/main',
    repository: { clone_url: repository.url, html_url: repository.url, default_branch: 'main' },
  });
  // The same delivery a second time would mean nothing.
  const delivery = { 'x-github-event': 'push', 'x-github-delivery': crypto.randomUUID() };
  const headers = { 'content-type': 'application/json', ...delivery };
  const { status } = await fetch(`${keelson.url}/api/webhook`, { method: 'POST', headers, body });
  expect(status).toBe(200);
}

async function signatureInfo(application: string, revision: string): Promise<unknown> {
  const address = `${keelson.url}/api/v1/applications/${application}/revisions/${revision}/metadata`;
  const reply = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
  expect(reply.status).toBe(200);
  const metadata: unknown = await reply.json();
  expect(metadata).toMatchObject({ message: expect.any(String), tags: expect.any(Array) });
  return Object.entries(metadata ?? {}).find(([key]) => key === 'signatureInfo')?.[1];
}

/** Waits for the comparison's error to be this, or for there to be none. */
async function showsError(part: string | undefined): Promise<void> {
  await pollUntil(`error ${part}`, 30, async () => {
    const { status } = await keelson.client.applications.get(name);
    const errors = (status?.conditions ?? []).filter(({ type }) => type === 'ComparisonError');
    if (part === undefined) return errors.length === 0;
    return errors.some(({ message }) => message.includes(part));
  });
}

describe('activities/source/signatures', () => {
  it('syncs a commit that is signed by a key of the project', async () => {
    expect(await keelson.sync(name)).toMatchObject({ phase: 'Succeeded' });
    expect(await applied()).toEqual({ version: '0' });
  });

  it('applies nothing of an unsigned commit, and takes none although its files render to the same', async () => {
    const signed = (await keelson.client.applications.get(name)).status?.sync?.revision;
    const same = await repository.commit({ readme: 'other' });
    await push();
    await showsError(notSigned(same));
    const sha = await repository.commit(contents('1'));
    const { phase, message } = await keelson.sync(name);
    expect({ phase, message }).toEqual({ phase: 'Error', message: notSigned(sha) });
    expect(await applied()).toEqual({ version: '0' });
    expect((await keelson.sync(name, { revision: signed ?? '' })).phase).toBe('Succeeded');
    expect(await signatureInfo(name, sha)).toBe('Revision is not signed.');
    expect(await signatureInfo(name, signed ?? '')).toBe(`Good signature from EDDSA key ${ann.keyId}`);
    // A project that demands nothing says nothing.
    await keelson.create(
      applicationOf({ name: 'signed-free', repoURL: repository.url, namespace: 'signed-free' }),
    );
    expect(await signatureInfo('signed-free', signed ?? '')).toBeUndefined();
  });

  it('knows no key before it is registered, takes it while it is, and shows what a forgotten one leaves', async () => {
    await demand(ann, eve);
    const sha = await eve.commit(repository.dir, 'by eve');
    const unknown = await keelson.sync(name);
    expect(unknown.phase).toBe('Error');
    expect(unknown.message).toContain(
      `Could not verify commit signature on revision '${sha}': Unknown signature from EDDSA key ${eve.keyId}`,
    );
    expect(unknown.message).toContain('keelson gpg add');
    expect(await signatureInfo(name, sha)).toBe(
      `Unknown signature from EDDSA key ${eve.keyId} (the key is not registered)`,
    );
    await keelson.client.sources.addGpgKeys(eve.publicKey);
    expect((await keelson.sync(name)).phase).toBe('Succeeded');
    expect(await applied()).toEqual({ version: '1' });
    await showsError(undefined);
    await keelson.client.sources.removeGpgKey(eve.keyId);
    await showsError('Could not verify commit signature');
    await keelson.client.sources.addGpgKeys(eve.publicKey);
    await showsError(undefined);
  });

  it('refuses a registered key that the project does not name, from the next look on', async () => {
    await demand(ann);
    await push();
    const refusal = `Found good signature made with EDDSA key ${eve.keyId}, but this key is not allowed in AppProject`;
    await showsError(refusal);
    expect((await keelson.sync(name)).message).toContain(refusal);
    // To look at is not to deploy.
    expect(await keelson.client.applications.manifests(name, { revision: 'main' })).toHaveLength(1);
  });

  it('syncs by the signed tag that leads to an unsigned commit, also where automated sync names the commit', async () => {
    await repository.commit(contents('2'));
    await ann.tag(repository.dir, 'v1.0.0');
    await keelson.create(signedApplication('tagged', '1.x', { automated: {} }));
    await pollUntil('automated sync', 30, async () => (await applied('tagged')) !== undefined);
    expect(await applied('tagged')).toEqual({ version: '2' });
  });

  it('refuses uploaded manifests', async () => {
    const uploaded = keelson.request(name, { manifests: [yamlOf(configMap('a', { version: 'x' }))] });
    await expect(uploaded).rejects.toThrow('Cannot use local sync when signature keys are required');
  });
});
