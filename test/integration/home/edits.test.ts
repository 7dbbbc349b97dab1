import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Application } from '../../../core/application/spec/spec.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { findApplication } from '../../../db/queries/application/application.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { findProject } from '../../../db/queries/project/project.ts';
import { pollUntil } from '../../../local/poll.ts';
import { startHome, type TestHome } from '../../support/home/start-home.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { openSpec } from '../../support/keelson/projects.ts';

let home: TestHome;
let token: string;

beforeAll(async () => {
  home = await startHome('home-edits');
  token = await home.client.account.login('admin', home.adminPassword);
});

afterAll(async () => {
  await home?.stop();
});

type Reply = { readonly status: number; readonly etag: string; readonly body: Record<string, unknown> };

/** A request by admin, in the words of HTTP. */
async function call(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await fetch(`${home.url}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const reply = (await response.json()) as Record<string, unknown>;
  return { status: response.status, etag: response.headers.get('etag') ?? '', body: reply };
}

const mergePatch = (name: string, patch: object, headers?: Record<string, string>) =>
  call('PATCH', `applications/${name}`, { name, patchType: 'merge', patch: JSON.stringify(patch) }, headers);

function still(name: string): Application {
  return applicationOf({ name, repoURL: 'https://git.test/nowhere.git', namespace: `home-${name}` });
}

async function create(name: string): Promise<Manifest> {
  await home.create(still(name));
  const object = await home.object(name);
  if (object === undefined) throw new Error(`application ${name} has no object`);
  return object;
}

const labelled = (name: string, label: string, value: string) =>
  home.cluster.patch(
    'argoproj.io/v1alpha1',
    home.keyOf(name),
    { metadata: { labels: { [label]: value } } },
    'merge',
    { fieldManager: 'kubectl-label' },
  );

describe('an application that the API writes', () => {
  it('is an object, written by the API, and the reply tells what was stored', async () => {
    const object = await create('written');
    const shown = await home.client.applications.get('written');
    expect(shown.metadata.uid).toBe(object.metadata.uid);
    expect(JSON.stringify(object.metadata.managedFields)).toContain('"manager":"keelson-api"');
    const patched = await mergePatch('written', { metadata: { labels: { team: 'web' } } });
    expect(patched.status).toBe(200);
    expect(patched.body).toMatchObject({ metadata: { labels: { team: 'web' }, generation: 2 } });
    expect((await home.object('written'))?.metadata.labels).toEqual({ team: 'web' });
    const audited = await listAudit(home.database.db, 20);
    expect(audited).toContainEqual(
      expect.objectContaining({ actor: 'admin', action: 'application.update', object: 'default/written' }),
    );
  });

  it('keeps what kubectl has changed in the moment before, which the server did not know', async () => {
    await create('raced');
    const names = Array.from({ length: 8 }, (_, index) => `by-hand-${index}`);
    for (const name of names) {
      // The answer is there before the watch is: the server writes over a state that it has not seen.
      await labelled('raced', name, 'yes');
      const reply = await mergePatch('raced', { metadata: { labels: { [`api-${name}`]: 'yes' } } });
      expect(reply.status).toBe(200);
    }
    const labels = Object.keys((await home.object('raced'))?.metadata.labels ?? {}).sort();
    expect(labels).toEqual([...names, ...names.map((name) => `api-${name}`)].sort());
  });

  it('takes the changes of several at once, all of them', async () => {
    await create('crowded');
    const names = Array.from({ length: 4 }, (_, index) => `writer-${index}`);
    const replies = await Promise.all(
      names.map((name) => mergePatch('crowded', { metadata: { labels: { [name]: 'yes' } } })),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(Object.keys((await home.object('crowded'))?.metadata.labels ?? {}).sort()).toEqual(names);
  });

  it('is refused to who has seen another state, also where only the object tells of it yet', async () => {
    await create('versioned');
    const { etag } = await call('GET', 'applications/versioned');
    expect(etag).toMatch(/^"1-/);
    const first = await mergePatch('versioned', { metadata: { labels: { a: '1' } } }, { 'if-match': etag });
    expect(first).toMatchObject({ status: 200 });
    expect(first.etag).toMatch(/^"2-/);
    const stale = await mergePatch('versioned', { metadata: { labels: { a: '2' } } }, { 'if-match': etag });
    expect(stale.status).toBe(409);
    expect(stale.body['message']).toBe(
      `application "versioned" was changed meanwhile: it is of generation 2 (${first.etag}), and If-Match names another; read it again`,
    );
    await labelled('versioned', 'b', '1');
    const behind = await mergePatch(
      'versioned',
      { metadata: { labels: { a: '3' } } },
      { 'if-match': first.etag },
    );
    expect(behind.status).toBe(409);
    expect((await home.object('versioned'))?.metadata.labels).toEqual({ a: '1', b: '1' });
    const again = await call('GET', 'applications/versioned');
    const labels = { a: '4' };
    const read = await mergePatch('versioned', { metadata: { labels } }, { 'if-match': again.etag });
    expect(read.status).toBe(200);
    expect((await mergePatch('versioned', { metadata: { labels: { a: '5' } } })).status).toBe(200);
  });

  it('is refused in the words of the API server, and nothing is written', async () => {
    await create('edits-refused');
    const reply = await mergePatch('edits-refused', { metadata: { labels: { team: 'not a label!' } } });
    expect(reply.status).toBe(400);
    expect(reply.body['message']).toContain('a valid label must be');
    expect((await home.client.applications.get('edits-refused')).metadata.labels).toBeUndefined();
    const created = await call('POST', 'applications?validate=false', {
      ...still('refused-anew'),
      metadata: { name: 'refused-anew', labels: { team: 'not a label!' } },
    });
    expect(created.status).toBe(400);
    expect(await home.object('refused-anew')).toBeUndefined();
  });

  it('is told of an object that has its name and can not be read', async () => {
    const { spec, ...rest } = still('unreadable');
    const destination = { ...spec.destination, name: 'in-cluster' };
    await home.apply({ ...rest, spec: { ...spec, destination } });
    const refused = await call('POST', 'applications?validate=false', still('unreadable'));
    expect(refused.status).toBe(409);
    expect(refused.body['message']).toContain('correct it there, or delete it');
    await home.cluster.delete('argoproj.io/v1alpha1', home.keyOf('unreadable'));
    const created = await call('POST', 'applications?validate=false', still('unreadable'));
    expect(created.status).toBe(200);
  });

  it('keeps the request for a refresh that somebody has put on the object', async () => {
    await create('edits-asking');
    await home.cluster.patch(
      'argoproj.io/v1alpha1',
      home.keyOf('edits-asking'),
      { metadata: { annotations: { 'argocd.argoproj.io/skip-reconcile': 'true' } } },
      'merge',
    );
    await home.cluster.patch(
      'argoproj.io/v1alpha1',
      home.keyOf('edits-asking'),
      { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } },
      'merge',
    );
    const spec = { ...still('edits-asking').spec, revisionHistoryLimit: 3 };
    await home.client.applications.replaceSpec('edits-asking', spec, { validate: false });
    const object = await home.object('edits-asking');
    expect(object?.metadata.annotations).toMatchObject({ 'argocd.argoproj.io/refresh': 'normal' });
    expect(object?.['spec']).toMatchObject({ revisionHistoryLimit: 3 });
  });
});

describe('a project', () => {
  const projectKey = (name: string) => ({
    group: 'argoproj.io',
    kind: 'AppProject',
    namespace: home.namespace,
    name,
  });
  const projectObject = (name: string, spec: object): Manifest => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name, namespace: home.namespace },
    spec,
  });
  const stored = (name: string) => findProject(home.database.db, name);

  it('is an object that the API writes, and what kubectl applies holds', async () => {
    const made = await call('POST', 'projects', { project: projectObject('by-api', openSpec) });
    expect(made.status).toBe(200);
    const object = await home.cluster.get('argoproj.io/v1alpha1', projectKey('by-api'));
    expect(object?.['spec']).toMatchObject({ sourceRepos: ['*'] });
    expect((made.body['metadata'] as Record<string, unknown>)['uid']).toBe(object?.metadata.uid);
    await home.cluster.patch(
      'argoproj.io/v1alpha1',
      projectKey('by-api'),
      { spec: { description: 'by hand' } },
      'merge',
    );
    await pollUntil('the project says what was applied', 20, async () => {
      return (await stored('by-api'))?.spec['description'] === 'by hand';
    });
  });

  it('has the tokens of its roles recorded in the object, where taking one off revokes it', async () => {
    const roles = [
      { name: 'reader', policies: ['p, proj:tokens:reader, applications, get, tokens/*, allow'] },
    ];
    await call('POST', 'projects', { project: projectObject('tokens', { ...openSpec, roles }) });
    const read = async () => home.cluster.get('argoproj.io/v1alpha1', projectKey('tokens'));
    const role = { project: 'tokens', role: 'reader' };
    const created = await home.client.projects.createToken(role, { expiresIn: 3600, id: 'kept' });
    const items = [{ id: 'kept', iat: expect.any(Number), exp: expect.any(Number) }];
    expect(await read()).toMatchObject({
      spec: { roles: [{ name: 'reader', jwtTokens: items }] },
      status: { jwtTokensByRole: { reader: { items } } },
    });
    const asReader = async () =>
      (await fetch(`${home.url}/api/v1/projects`, { headers: { authorization: `Bearer ${created}` } }))
        .status;
    expect(await asReader()).toBe(200);
    const revoked = { status: { jwtTokensByRole: { reader: { items: [] } } } };
    await home.cluster.patch('argoproj.io/v1alpha1', projectKey('tokens'), revoked, 'merge');
    await pollUntil('the token counts no more', 20, async () => (await asReader()) === 401);
  });

  it('says what it said before while its object can not be read', async () => {
    await home.cluster.applyServerSide(projectObject('torn', openSpec));
    await pollUntil('the project is there', 20, async () => (await stored('torn')) !== undefined);
    const spec = { ...openSpec, destinations: [{ server: '!*', namespace: '!*' }] };
    await home.cluster.applyServerSide(projectObject('torn', spec));
    await pollUntil(
      'the project says so',
      20,
      async () => (await stored('torn'))?.homeConditions.length === 1,
    );
    expect((await stored('torn'))?.spec['destinations']).toEqual(openSpec.destinations);
  });

  it('whose object is gone prunes nothing of its applications', async () => {
    await home.cluster.applyServerSide(projectObject('short-lived', openSpec));
    const repository = await home.gitServer.createRepository('short-lived', {
      'a.yaml': yamlOf(configMap('short-lived', { v: '1' })),
    });
    const shape = { name: 'tenant', repoURL: repository.url, namespace: 'home-tenant' };
    const syncPolicy = { automated: { prune: true, selfHeal: true } };
    await home.apply(applicationOf({ ...shape, project: 'short-lived', syncPolicy }));
    const row = { namespace: home.namespace, name: 'tenant' };
    await pollUntil('a row of the object', 20, async () => {
      return (await findApplication(home.database.db, row)) !== undefined;
    });
    await home.healthy('tenant');
    await home.cluster.delete('argoproj.io/v1alpha1', projectKey('short-lived'));
    await pollUntil('the application misses its project', 30, async () => {
      const { status } = await home.client.applications.get('tenant');
      return (status?.conditions ?? []).some(({ message }) => message.includes('which does not exist'));
    });
    await repository.commit({ 'a.yaml': yamlOf(configMap('other', { v: '1' })) });
    await home.client.applications.get('tenant', { refresh: 'normal' });
    const key = { group: '', kind: 'ConfigMap', namespace: 'home-tenant', name: 'short-lived' };
    expect(await home.cluster.get('v1', key)).toBeDefined();
  });
});
