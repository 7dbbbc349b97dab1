import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import { hashSync } from 'bcryptjs';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../../api/auth/authenticator.ts';
import { createPasswordCheck } from '../../../api/auth/login/password-check.ts';
import { bootstrapSettings } from '../../../api/bootstrap.ts';
import { problemOf, Refusal } from '../../../api/reply/problem.ts';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import { defaultLoginTimes } from '../../../core/account/login-times.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import { connectDatabase } from '../../../db/client.ts';
import { storeManifests } from '../../../db/queries/application/manifest.ts';
import { storeRender } from '../../../db/queries/application/render.ts';
import { saveCluster } from '../../../db/queries/cluster/cluster.ts';
import { createProject, findProject } from '../../../db/queries/project/project.ts';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { createLogger } from '../../../platform/logger.ts';
import { type Followed, followEach, problemsOf } from '../../support/hostile/remedies.ts';
import { at, guestbook, login, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

let server: TestApi;
let cluster: ClusterClient;
/** What the worker says that it rendered. */
let renderId = '00000000-0000-4000-8000-000000000000';
const secrets: { github: string; gitlab?: string } = { github: 'canary-secret' };

const silent = createLogger({ name: 'test', level: 'silent' });
const applications = '/api/v1/applications';
const configMap: Manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'default' },
};
const far = { destination: { server: 'https://far.example.com', namespace: 'a' } };

/** What a worker answers, by what it is asked for. */
const replies = (): Readonly<Record<string, object>> => ({
  manifests: { renderId, revision: 'a', sourceTypes: ['Directory'] },
  metadata: { author: 'a', date: '2026-01-01T00:00:00Z', message: 'a', tags: [] },
});

beforeAll(async () => {
  cluster = createClusterClient(
    credentialsFromKubeconfig(await readFile(testPlatform().kubeconfigPath, 'utf8')),
  );
  server = await startApi({
    config: { webhookSecrets: secrets, comparisonMilliseconds: 300 },
    clusterFor: async () => cluster,
    inspect: async ({ kind }) => ({ reply: replies()[kind] ?? { issues: [] } }),
  });
  await createProject(server.db, {
    name: 'signed',
    spec: {
      ...(await findProject(server.db, 'default'))?.spec,
      signatureKeys: [{ keyID: '4AEE18F83AFDEB23' }],
    },
  });
  for (const application of [
    guestbook('web'),
    guestbook('manual'),
    guestbook('automated', { syncPolicy: { automated: {} } }),
    guestbook('far', far),
    guestbook('farther', { destination: { server: 'https://farther.example.com', namespace: 'a' } }),
    guestbook('elsewhere', far),
    guestbook('signed', { project: 'signed' }),
    guestbook('leaving'),
    guestbook('raced'),
  ]) {
    const { status } = await server.call('POST', `${applications}?validate=false`, application);
    expect(status).toBe(200);
  }
  await server.call('DELETE', `${applications}/leaving`);
  await server.db.execute(sql`create function race() returns trigger language plpgsql as
    $$ begin delete from applications where name = 'raced'; return null; end $$`);
});
afterAll(async () => {
  await server.close();
  await cluster.close();
});

type Call = readonly [
  method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT',
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
];

type Given = { readonly call: Call; readonly before?: () => Promise<unknown> };

/** What a reply that is no success says; a step before it prepares. */
async function problemsOfCall({ call, before }: Given) {
  await before?.();
  const reply = await server.call(...call);
  return reply.status < 300 ? [] : [String(at(reply.body, 'message') ?? reply.body)];
}
const row = (says: string, fault: Call, helped: Call, before?: () => Promise<unknown>) =>
  [says, { call: fault }, { call: helped, ...(before === undefined ? {} : { before }) }] as const;

describe('a session', () => {
  const list = async ({ method = 'GET', path = applications, ...headers }: Record<string, string>) => {
    const reply = await server.api.request(path, { method, headers });
    return reply.status < 300 ? [] : [String(at(await reply.json(), 'message'))];
  };
  let token = '';
  beforeAll(async () => {
    token = (await login(server.api, server.adminPassword)).token;
  });
  const bearer = async (): Promise<Record<string, string>> => ({
    authorization: `Bearer ${(await login(server.api, server.adminPassword)).token}`,
  });
  followEach(
    async (make: () => Promise<Record<string, string>>) => list(await make()),
    [
      ['no session information; log in first', async () => ({}), bearer],
      [
        'invalid session: its token is not valid or has expired; log in again',
        async () => ({ authorization: 'Bearer a.b.c' }),
        bearer,
      ],
      [
        'may not use the session cookie; open the user interface at https://keelson.example.com',
        async () => ({
          method: 'DELETE',
          path: `${applications}/raced?cascade=false`,
          'content-type': 'application/json',
          cookie: `argocd.token=${token}`,
          origin: 'https://other.example.com',
        }),
        async () => ({
          method: 'DELETE',
          path: `${applications}/manual?cascade=false`,
          'content-type': 'application/json',
          cookie: `argocd.token=${token}`,
          origin: 'https://keelson.example.com',
        }),
      ],
    ],
  );
});

describe('a request', () => {
  const pem = Buffer.from(rootCertificates[0] ?? '').toString('base64');
  const certificate = (serverName: string): Call => [
    'POST',
    '/api/v1/certificates',
    { items: [{ serverName, certType: 'https', certData: pem }] },
  ];
  const validate = (insecure: string): Call => [
    'POST',
    `/api/v1/repositories/${encodeURIComponent('https://git.example.com/a')}/validate?insecure=${insecure}`,
    JSON.stringify('https://git.example.com/a'),
  ];
  const push = JSON.stringify({
    ref: 'refs/heads/main',
    repository: { html_url: 'https://git.example.com/a', default_branch: 'main' },
  });
  const delivery = (body: string): Call => {
    const signature = createHmac('sha256', 'canary-secret').update(body).digest('hex');
    const headers = { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${signature}` };
    return ['POST', '/api/webhook', body, headers];
  };
  const gitlab: Call = [
    'POST',
    '/api/webhook',
    JSON.stringify({
      object_kind: 'push',
      ref: 'refs/heads/main',
      project: { web_url: 'https://git.example.com/a', default_branch: 'main' },
    }),
    { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': 'canary-token' },
  ];
  const noSecret =
    'webhook of GitLab has no secret on this server; set it in KEELSON_WEBHOOK_GITLAB_*, or, while no provider has one, open webhooks to everybody with KEELSON_WEBHOOK_OPEN=true';
  followEach(
    async (isOpen: boolean) => {
      const other = isOpen ? await startApi({ config: { webhookOpen: true } }) : undefined;
      const reply = await (other ?? server).call(...gitlab);
      await other?.close();
      return reply.status < 300 ? [] : [String(at(reply.body, 'message'))];
    },
    [[noSecret, false, true]],
  );
  followEach(problemsOfCall, [
    row(
      'is no resource version; take one of a list or an event',
      ['GET', `${applications}?resourceVersion=x`],
      ['GET', `${applications}?resourceVersion=1`],
    ),
    row(
      'has a part of more than 2048 characters; shorten it',
      ['GET', `${applications}/${'a'.repeat(2049)}`],
      ['GET', `${applications}/web`],
    ),
    row(
      'Azure identities are not supported yet; use username and password or a token',
      ['POST', '/api/v1/repositories', { repo: 'https://git.example.com/a', useAzureWorkloadIdentity: true }],
      ['POST', '/api/v1/repositories', { repo: 'https://git.example.com/a', username: 'a', password: 'b' }],
    ),
    row(
      'Azure identities are not supported yet; use username and password or a token',
      ['POST', '/api/v1/repositories', { repo: 'https://git.example.com/b', useAzureWorkloadIdentity: true }],
      ['POST', '/api/v1/repositories', { repo: 'https://git.example.com/b', bearerToken: 'a' }],
    ),
    row(
      'credentials without a repository are a template; send them to /api/v1/repocreds',
      ['POST', '/api/v1/repositories?credsOnly=true', { repo: 'https://git.example.com/', username: 'a' }],
      ['POST', '/api/v1/repocreds', { url: 'https://git.example.com/', username: 'a', password: 'b' }],
    ),
    row(
      'was not found; list the repositories to see their URLs',
      ['DELETE', `/api/v1/repositories/${encodeURIComponent('https://git.example.com/none')}`],
      ['GET', '/api/v1/repositories'],
    ),
    row("query parameters can't be read: insecure; correct them", validate('perhaps'), validate('true')),
    row(
      'was not found; list the templates to see their URLs',
      ['DELETE', `/api/v1/repocreds/${encodeURIComponent('https://none.example.com')}`],
      ['GET', '/api/v1/repocreds'],
    ),
    row(
      'is no address; write one with a host, such as https://host/team',
      [
        'POST',
        '/api/v1/repocreds',
        { url: 'registry.example.com:99999', type: 'oci', username: 'a', password: 'b' },
      ],
      ['POST', '/api/v1/repocreds', { url: 'https://host/team', username: 'a', password: 'b' }],
    ),
    row(
      'depth is not a whole number up to 999999999; correct it',
      ['POST', '/api/v1/repocreds', { url: 'https://host/deep', username: 'a', password: 'b', depth: 1e19 }],
      ['POST', '/api/v1/repocreds', { url: 'https://host/deep', username: 'a', password: 'b', depth: 1 }],
    ),
    row(
      'names no chart; ask for the metadata of its revision',
      ['GET', `${applications}/web/revisions/main/chartdetails`],
      ['GET', `${applications}/web/revisions/main/metadata`],
    ),
    row(
      'application "web" was rendered and the render is gone; try again',
      ['GET', `${applications}/web/manifests`],
      ['GET', `${applications}/web/manifests`],
      async () => {
        const [digest = ''] = await storeManifests(server.db, server.keyring, [configMap]);
        const objects = [{ key: keyOf(configMap), apiVersion: 'v1', digest }];
        const render = { renderKey: 'remedy', revision: 'a', sourceTypes: [], objects, warnings: [] };
        renderId = (await storeRender(server.db, render)).id;
      },
    ),
    row(
      'is being deleted, and what is written to it now goes with it; create it again once it is gone',
      ['POST', `${applications}?upsert=true`, guestbook('leaving', { revisionHistoryLimit: 1 })],
      ['POST', `${applications}?upsert=true`, guestbook('leaving', { revisionHistoryLimit: 1 })],
      () => server.db.execute(sql`delete from applications where name = 'leaving'`),
    ),
    [
      'application "raced" was deleted just now; create it again',
      // Somebody deletes the application between the look for it and the write.
      {
        call: ['POST', applications, guestbook('raced')],
        before: () =>
          server.db.execute(sql`create trigger race after insert on applications for each statement
            execute function race()`),
      },
      {
        call: ['POST', applications, guestbook('raced')],
        before: () => server.db.execute(sql`drop trigger race on applications`),
      },
    ],
    row(
      'is not a host name; write it without scheme, port and path',
      certificate('https://git.example.com:443/team'),
      certificate('git.example.com'),
    ),
    row(
      'webhook body is not JSON; choose the content type application/json for the webhook',
      delivery(`payload=${encodeURIComponent(push)}`),
      delivery(push),
    ),
    row(noSecret, gitlab, gitlab, async () => {
      secrets.gitlab = 'canary-token';
    }),
    row(
      'application "web" was not compared within 0.3 s; its request stays open, look at the cluster\'s connection and ask again',
      ['GET', `${applications}/web?refresh=normal`],
      ['GET', `${applications}/web?refresh=normal`],
      // What a session does once it has its cluster again.
      () => server.db.execute(sql`update dirty set compared_generation = 100`),
    ),
  ] as Followed<Given>[]);
});

describe('a sync', () => {
  const sync = (name: string, body: object = {}): Call => ['POST', `${applications}/${name}/sync`, body];
  const manifests = ['{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}'];
  const noCluster = 'has a destination that is no known cluster; add the cluster or change spec.destination';
  const toKnown = (name: string) => () => server.call('PUT', `${applications}/${name}`, guestbook(name));
  const managed: Call = ['GET', `${applications}/elsewhere/managed-resources?revision=a`];
  followEach(problemsOfCall, [
    row(noCluster, sync('far'), sync('far'), toKnown('far')),
    row(noCluster, sync('farther'), sync('farther'), () =>
      saveCluster(server.db, server.keyring, {
        name: 'farther',
        server: 'https://farther.example.com',
        credentials: {},
      }),
    ),
    row(noCluster, managed, managed, toKnown('elsewhere')),
    row(
      'cannot use local sync when Automatic Sync Policy is enabled unless for dry run; turn automated sync off first',
      sync('automated', { manifests }),
      sync('automated', { manifests }),
      () =>
        server.call('PATCH', `${applications}/automated`, {
          patch: '{"spec": {"syncPolicy": null}}',
          patchType: 'merge',
        }),
    ),
    row(
      'Cannot use local sync when signature keys are required; commit the manifests, signed by a key of project "signed"',
      sync('signed', { manifests }),
      // A worker checks the signature of the commit.
      sync('signed'),
    ),
  ] as Followed<Given>[]);
});

describe('a login', () => {
  const logIn = (password: string) => login(server.api, password);
  it('that was tried too often works after the seconds that its refusal names', async () => {
    let said = '';
    for (let tries = 0; said === '' && tries < 10; tries++) {
      const { response } = await logIn('wrong');
      if (response.status === 429) said = String(at(await response.json(), 'message'));
    }
    const [, seconds = ''] = /^too many failed logins; try again in (\d+) seconds$/.exec(said) ?? [];
    expect(said).toBe(`too many failed logins; try again in ${seconds} seconds`);
    await sleep(Number(seconds) * 1000);
    expect((await logIn(server.adminPassword)).response.status).toBe(200);
  });

  followEach(
    async (isCrowded: boolean) => {
      const check = createPasswordCheck();
      try {
        for (let tries = 0; tries < (isCrowded ? 4 : 3); tries++) check.enter('a');
        check.enter('a').leave();
        return [];
      } catch (error) {
        return error instanceof Refusal ? [error.message] : Promise.reject(error);
      }
    },
    [['too many logins at once; try again in a moment', true, false]],
  );

  const check = createPasswordCheck();
  followEach(
    // bcrypt throws at a salt that it does not know, which ends its thread; the next question gets another.
    (hash: string) =>
      problemsOf(async () => {
        const place = check.enter('a');
        await place.compare('a', hash).finally(place.leave);
      }),
    [['password could not be checked; try again', `$9b$10$${'a'.repeat(53)}`, hashSync('a', 4)]],
  );

  followEach(
    async ({ isStarted, username }: { isStarted: boolean; username: string }) => {
      const { db, close } = await openTestDatabase();
      const keyring = createKeyring(generateKey());
      try {
        if (isStarted) await bootstrapSettings(db, keyring, { adminPassword: 'p' });
        const authenticator = createAuthenticator({
          ...{ db, keyring, now: () => new Date(), log: silent },
          ...{ times: () => defaultLoginTimes, loginPaddingMilliseconds: 0 },
        });
        return await problemsOf(() => authenticator.login(username, 'p', '127.0.0.1'));
      } finally {
        await close();
      }
    },
    [
      [
        'server secret is not set yet; wait until the server has started',
        { isStarted: false, username: 'admin' },
        { isStarted: true, username: 'admin' },
      ],
      [
        'username is blank; enter one',
        { isStarted: true, username: '' },
        { isStarted: true, username: 'admin' },
      ],
    ],
  );
});

describe('a database that is away', () => {
  followEach(
    async (isAway: boolean) => {
      const url = 'postgresql://nobody@127.0.0.1:1/none';
      const connection = isAway ? connectDatabase(url, { onError: () => {} }) : undefined;
      try {
        await (connection?.db ?? server.db).execute(sql`select 1`);
        return [];
      } catch (error) {
        return [problemOf(error).body.message];
      } finally {
        await connection?.close();
      }
    },
    [['database is not reachable at the moment; try again', true, false]],
  );
});
