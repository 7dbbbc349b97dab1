import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packFolder } from '../../../cli/files/pack-folder.ts';
import { type Authority, createAuthority } from '../../../local/kubernetes/authority.ts';
import { toolPath } from '../../../local/obtain/tools.ts';
import { freePort } from '../../../local/ports.ts';
import { at, eventually } from '../../support/keelson/api/api.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { keelson as cli } from '../../support/keelson/run-cli.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../support/servers/git-server.ts';
import { packChart, runHelm } from '../../support/servers/helm-charts.ts';
import { startOciRegistry } from '../../support/servers/oci-registry.ts';

const secret = 'canary-password-of-reader';
const authority = createAuthority();
const servers: Server[] = [];
let keelson: TestKeelson;
let closed: GitServer;
let own: TestRepository;
let token: string;

beforeAll(async () => {
  [keelson, closed] = await Promise.all([startKeelson(), startGitServer()]);
  token = await keelson.client.account.login('admin', keelson.adminPassword);
  own = await closed.createRepository('team/deploy', {
    'plain/a.yaml': yamlOf(configMap('one', { a: '1' })),
    'secret/s.yaml': yamlOf({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'hidden' },
      stringData: { word: 'canary-in-git' },
    }),
    'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
    'chart/values.yaml': 'image: { tag: "1.2" }\nhosts: [a.example.com]\n',
    'chart/values-production.yaml': 'replicas: 3\n',
    'chart/templates/a.yaml': yamlOf(configMap('web', {})),
    'overlay/kustomization.yaml': 'resources: [d.yaml]\n',
    'overlay/d.yaml': yamlOf({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'm', image: 'registry.example.com/web:7' }] },
    }),
  });
  await own.tag('v1.0.0', { annotated: true });
  closed.requireAuth('reader', secret);
});

afterAll(async () => {
  for (const server of servers) server.close().closeAllConnections();
  await Promise.all([keelson?.stop(), closed?.stop()]);
});

async function call(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown; text: string }> {
  const response = await fetch(`${keelson.url}/api/v1/${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  expect(text).not.toContain('canary');
  return { status: response.status, body: JSON.parse(text), text };
}

const id = (url: string): string => encodeURIComponent(encodeURIComponent(url));

/** What a connection test says of a repository. */
async function verdict(repo: string, fields: object = {}): Promise<string> {
  const { status, body } = await call('POST', `repositories/${id(repo)}/validate`, fields);
  return status === 200 ? 'works' : `${status} ${String(at(body, 'message'))}`;
}

async function tlsServer(issuer: Authority, hosts: readonly string[]): Promise<string> {
  const { certificatePem: cert, keyPem: key } = issuer.issue({
    subject: { name: 'git' },
    use: 'server',
    hosts,
  });
  const server = createServer({ cert, key }, (_request, response) => response.writeHead(404).end());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/x.git`;
}

async function trust(issuer: Authority): Promise<void> {
  const item = {
    serverName: '127.0.0.1',
    certType: 'https',
    certData: Buffer.from(issuer.certificatePem).toString('base64'),
  };
  expect(await call('POST', 'certificates?upsert=true', { items: [item] })).toMatchObject({ status: 200 });
}

describe('api/routes/repositories on workers', () => {
  test('a connection test says in words what is wrong', async () => {
    expect(await verdict('https://no-such-host.invalid/x.git')).toMatch(/400 .*cannot be resolved \(DNS\)/);
    expect(await verdict(`http://127.0.0.1:${await freePort()}/x.git`)).toMatch(
      /400 .*connection failed; check/,
    );
    expect(await verdict(own.url)).toMatch(/400 .*asks for credentials and none are configured/);
    expect(await verdict(own.url, { username: 'reader', password: 'wrong' })).toMatch(
      /400 .*refused the configured/,
    );
    const asReader = { username: 'reader', password: secret };
    expect(await verdict(`${closed.url}/nothing`, asReader)).toMatch(/400 .*was not found/);
    expect(await verdict(own.url, asReader)).toBe('works');
  });

  test('a TLS failure names the authority, the name or the date', async () => {
    const stranger = await tlsServer(authority, ['127.0.0.1']);
    expect(await verdict(stranger)).toMatch(
      /authority that is not trusted; register the authority: keelson cert add-tls 127\.0\.0\.1/,
    );
    await trust(authority);
    expect(await verdict(stranger), 'the bundle is used').toMatch(/was not found/);
    expect(await verdict(await tlsServer(authority, ['git.example.com']))).toMatch(
      /is for DNS:git\.example\.com and not for 127\.0\.0\.1/,
    );
    const old = createAuthority(new Date('1990-01-01'));
    await trust(old);
    expect(await verdict(await tlsServer(old, ['127.0.0.1']))).toMatch(/expired on .*; renew it/);
    expect(await verdict(stranger, { insecure: true })).toMatch(/was not found/);
  });

  test('a repository is saved only when it can be read, and its refs, apps and details are shown', async () => {
    const refused = await call('POST', 'repositories', { repo: own.url, username: 'reader', password: 'no' });
    expect(refused).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/refused the configured credentials/) },
    });
    expect(at((await call('GET', 'repositories')).body, 'items')).toEqual([]);

    // By a template whose prefix covers it.
    const template = { url: `${closed.url}/team`, username: 'reader', password: secret };
    expect(await call('POST', 'repocreds', template)).toMatchObject({
      status: 200,
      body: { username: 'reader' },
    });
    expect(await call('POST', 'repositories', { repo: own.url })).toMatchObject({
      status: 200,
      body: { inheritedCreds: true, connectionState: { status: 'Successful' } },
    });
    const path = `repositories/${id(own.url)}`;
    expect((await call('GET', `${path}/refs`)).body).toEqual({ branches: ['main'], tags: ['v1.0.0'] });
    expect((await call('GET', `${path}/apps?revision=main`)).body).toEqual({
      items: [
        { path: 'chart', type: 'Helm' },
        { path: 'overlay', type: 'Kustomize' },
      ],
    });
    const details = async (folder: string): Promise<unknown> =>
      (await call('POST', `${path}/appdetails`, { source: { repoURL: own.url, path: folder } })).body;
    expect(await details('chart')).toMatchObject({
      type: 'Helm',
      helm: {
        name: 'web',
        valueFiles: ['values-production.yaml', 'values.yaml'],
        parameters: [
          { name: 'image.tag', value: '1.2' },
          { name: 'hosts[0]', value: 'a.example.com' },
        ],
      },
    });
    expect(await details('overlay')).toEqual({
      type: 'Kustomize',
      kustomize: { images: ['registry.example.com/web:7'] },
    });
    expect(await details('plain')).toEqual({ type: 'Directory', directory: {} });
    expect(await details('nowhere')).toMatchObject({
      message: expect.stringMatching(/nowhere: app path does not exist/),
    });
  });

  test('manifests, metadata and a diff of another revision come from a worker', async () => {
    await keelson.create(
      applicationOf({ name: 'plain', repoURL: own.url, path: 'plain', namespace: 'api-repositories' }),
    );
    expect(await keelson.sync('plain')).toMatchObject({ phase: 'Succeeded' });
    const { body } = await call('GET', 'applications/plain/manifests?revision=v1.0.0');
    expect(body).toMatchObject({
      revision: expect.stringMatching(/^[0-9a-f]{40}$/),
      sourceType: 'Directory',
    });
    expect(JSON.parse(String(at(body, 'manifests.0')))).toMatchObject({ metadata: { name: 'one' } });

    const author = { name: 'Ada', email: 'ada@example.com' };
    const files = { 'plain/a.yaml': null, 'plain/b.yaml': yamlOf(configMap('two', {})) };
    const sha = await own.commit(files, 'two instead of one', { branch: 'next', author });
    expect((await call('GET', `applications/plain/revisions/${sha}/metadata`)).body).toMatchObject({
      author: 'Ada <ada@example.com>',
      message: 'two instead of one',
      date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      tags: [],
    });
    const diffs = await call('GET', 'applications/plain/managed-resources?revision=next');
    expect(at(diffs.body, 'items')).toMatchObject([
      { name: 'two', liveState: 'null', modified: true },
      { name: 'one', targetState: 'null' },
    ]);
    expect(await call('GET', 'applications/plain/manifests?revision=nothing')).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/unable to resolve 'nothing'/) },
    });
    await keelson.create(
      applicationOf({ name: 'masked', repoURL: own.url, path: 'secret', namespace: 'api-repositories' }),
    );
    const masked = await call('GET', 'applications/masked/manifests');
    expect(String(at(masked.body, 'manifests.0'))).toContain('++++');
    expect(masked.text).not.toContain(Buffer.from('canary-in-git').toString('base64'));
  });

  test('a Helm repository is tested, listed and told of', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keelson-chart-'));
    writeFileSync(
      join(folder, 'Chart.yaml'),
      'apiVersion: v2\nname: web\nversion: 1.1.0\ndescription: A web\nmaintainers: [{ name: Ada, email: a@example.com }]\n',
    );
    writeFileSync(join(folder, 'values.yaml'), 'replicas: 2\n');
    const archive = await packFolder(folder, { below: 'web', include: [] });
    rmSync(folder, { recursive: true });
    const entry = (version: string) =>
      `    - { name: web, version: ${version}, urls: [web-${version}.tgz] }\n`;
    const index = `apiVersion: v1\nentries:\n  web:\n${entry('1.0.0')}${entry('1.1.0')}`;
    const expected = `Basic ${Buffer.from(`reader:${secret}`).toString('base64')}`;
    const server = createHttpServer((request, response) => {
      if (request.headers.authorization !== expected) return response.writeHead(401).end();
      return response.end(request.url?.endsWith('/index.yaml') ? index : archive);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/charts`;
    try {
      const fields = { type: 'helm', name: 'charts' };
      expect(await verdict(url, fields)).toMatch(/400 .*asks for credentials/);
      const repository = { repo: url, ...fields, username: 'reader', password: secret };
      expect(await call('POST', 'repositories', repository)).toMatchObject({ status: 200 });
      expect((await call('GET', `repositories/${id(url)}/helmcharts`)).body).toEqual({
        items: [{ name: 'web', versions: ['1.1.0', '1.0.0'] }],
      });
      const source = { repoURL: url, chart: 'web', targetRevision: '1.x' };
      const details = await call('POST', `repositories/${id(url)}/appdetails`, { source });
      expect(details.body).toMatchObject({
        type: 'Helm',
        helm: { name: 'web', parameters: [{ name: 'replicas', value: '2' }] },
      });
      await keelson.create(
        applicationOf({
          name: 'web',
          repoURL: url,
          namespace: 'api-repositories',
          source: { ...source, path: undefined },
        }),
      );
      expect((await call('GET', 'applications/web/revisions/1.1.0/chartdetails')).body).toEqual({
        description: 'A web',
        home: '',
        maintainers: ['Ada <a@example.com>'],
      });
      expect(await call('GET', `repositories/${id(url)}/refs`)).toMatchObject({
        status: 400,
        body: { message: `repository ${url} has charts and no branches; ask for its charts` },
      });
    } finally {
      server.close().closeAllConnections();
    }
  });

  test('a connection test says of an OCI registry what it says of others', async () => {
    const registry = await startOciRegistry();
    const site = createHttpServer((request, response) =>
      request.url?.startsWith('/page') ? response.end('<html></html>') : response.writeHead(404).end(),
    );
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const web = `127.0.0.1:${(site.address() as AddressInfo).port}`;
    const http = { insecureOCIForceHttp: true };
    const { username, password } = registry;
    const stranger = new URL(await tlsServer(createAuthority(), ['127.0.0.1'])).host;
    const kinds = [
      {
        address: (host: string, path: string) => `${host}/${path}`,
        type: 'helm',
        enableOCI: true,
        name: 'oci',
      },
      { address: (host: string, path: string) => `oci://${host}/${path}`, type: 'oci' },
    ];
    try {
      await registry.push('team/app', '1.0.0', { 'a.yaml': yamlOf(configMap('a', {})) });
      for (const { address, ...kind } of kinds) {
        const said = (host: string, fields: object = {}, path = 'team/app') =>
          verdict(address(host, path), { ...kind, ...http, ...fields });
        expect(await said(registry.host, { username, password }), kind.type).toBe('works');
        expect(await said(registry.host)).toMatch(
          /400 .*asks for credentials \(401\) and none are configured/,
        );
        expect(await said(registry.host, { username, password: 'canary-wrong' })).toMatch(
          /400 .*refused the configured credentials \(401\)/,
        );
        expect(await said('no-such-host.invalid')).toMatch(/400 .*cannot be resolved \(DNS\)/);
        expect(await said(`127.0.0.1:${await freePort()}`)).toMatch(/400 .*connection to .* failed/);
        expect(await said(web)).toMatch(/400 .*no OCI registry.*check the address/);
        expect(await said(registry.host, { username, password, insecureOCIForceHttp: false })).toMatch(
          /400 .*does not speak TLS; .*insecureOCIForceHttp/,
        );
        expect(await said(stranger, { insecureOCIForceHttp: false })).toMatch(
          /400 .*authority that is not trusted; register the authority: keelson cert add-tls 127\.0\.0\.1/,
        );
      }
      // A folder of charts is none of the registry's repositories, an artifact is.
      const [folder, artifact] = [`${registry.host}/team`, `oci://${registry.host}/team`];
      expect(await verdict(folder, { ...kinds[0], ...http, username, password })).toBe('works');
      expect(await verdict(artifact, { type: 'oci', ...http, username, password })).toMatch(
        /400 .*list of tags was not found \(404\)/,
      );
    } finally {
      site.close().closeAllConnections();
      await registry.stop();
    }
  });

  test('what has no branches says what else can be asked of it', async () => {
    const registry = await startOciRegistry();
    const folder = await mkdtemp(join(tmpdir(), 'keelson-no-branches-'));
    try {
      const helm = await toolPath('helm');
      const { host, username, password } = registry;
      const packed = await packChart(helm, folder, { name: 'web', version: '1.0.0' });
      const login = ['--username', username, '--password', password];
      await runHelm(helm, ['push', packed, `oci://${host}/charts`, '--plain-http', ...login], folder);
      await registry.push('team/app', 'v1', { 'a.yaml': yamlOf(configMap('a', {})) });
      const rest = { username, password, insecureOCIForceHttp: true };
      const [charts, artifact] = [`${host}/charts`, `oci://${host}/team/app`];
      for (const repository of [
        { repo: charts, type: 'helm', name: 'registry', enableOCI: true, ...rest },
        { repo: artifact, type: 'oci', ...rest },
      ]) {
        expect(await call('POST', 'repositories', repository)).toMatchObject({ status: 200 });
      }

      expect(at((await call('GET', `repositories/${id(charts)}/refs`)).body, 'message')).toBe(
        `repository ${charts} is a registry of charts and has no branches; name a chart of it and a version`,
      );
      const source = { repoURL: charts, chart: 'web', targetRevision: '1.0.0' };
      expect(await call('POST', `repositories/${id(charts)}/appdetails`, { source })).toMatchObject({
        status: 200,
        body: { type: 'Helm' },
      });
      expect(at((await call('GET', `repositories/${id(artifact)}/apps`)).body, 'message')).toBe(
        `repository ${artifact} is an artifact and has no folders; ask for its refs, which are its tags`,
      );
      expect((await call('GET', `repositories/${id(artifact)}/refs`)).body).toEqual({
        branches: [],
        tags: ['v1'],
      });
    } finally {
      await registry.stop();
      await rm(folder, { recursive: true });
    }
  });

  test('app diff and app manifests look at revisions and local files', async () => {
    const run = (...argv: string[]) =>
      cli(argv, {
        env: { PATH: process.env['PATH'] ?? '', KEELSON_SERVER: keelson.url, KEELSON_AUTH_TOKEN: token },
      });
    expect(await run('app', 'diff', 'plain')).toMatchObject({ status: 0, stdout: '' });
    const other = await run('app', 'diff', 'plain', '--revision', 'next');
    expect(other).toMatchObject({ status: 1, stderr: '' });
    expect(other.stdout).toContain('===== /ConfigMap api-repositories/two ======');
    expect(other.stdout).toContain('===== /ConfigMap api-repositories/one ======');
    expect((await run('app', 'diff', 'plain', '--revision', 'next', '--exit-code=false')).status).toBe(0);
    expect((await run('app', 'diff', 'plain', '--revision', 'nothing')).status).toBe(20);
    const live = await run('app', 'manifests', 'plain', '--source', 'live');
    expect(live.stdout).toMatch(/^---\n[\s\S]*name: one\n[\s\S]*uid: /);
    const next = await run('app', 'manifests', 'plain', '--revision', 'next');
    expect(next.stdout).toMatch(/^---\napiVersion: v1\n[\s\S]*kind: ConfigMap\n[\s\S]*name: two/);

    const folder = mkdtempSync(join(tmpdir(), 'keelson-local-'));
    try {
      mkdirSync(join(folder, 'plain'));
      writeFileSync(join(folder, 'plain', 'a.yaml'), yamlOf(configMap('one', { a: 'changed' })));
      const changed = await run('app', 'diff', 'plain', '--local', join(folder, 'plain'));
      expect(changed.stdout).toMatch(/ConfigMap api-repositories\/one[\s\S]*-\s+a: "1"\n\+\s+a: changed/);
      expect(changed.status).toBe(1);
      const whole = ['--local', folder, '--server-side-generate'];
      const withoutFiles = (text: string) => text.replace(/^(---|\+\+\+) .*$/gm, '');
      const same = await run('app', 'diff', 'plain', ...whole);
      expect(withoutFiles(same.stdout)).toBe(withoutFiles(changed.stdout));
      const printed = await run('app', 'manifests', 'plain', ...whole);
      expect(printed.stdout).toContain('a: changed');
      rmSync(join(folder, 'plain'), { recursive: true });
      expect(await run('app', 'diff', 'plain', ...whole)).toMatchObject({
        status: 20,
        stderr: expect.stringMatching(/plain: app path does not exist/),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('what an application could not read is rendered again as soon as it can be', async () => {
    const other = await closed.createRepository('other/deploy', { 'a.yaml': yamlOf(configMap('late', {})) });
    await keelson.create(applicationOf({ name: 'late', repoURL: other.url, namespace: 'api-repositories' }));
    const failed = async () => {
      const { status } = await keelson.client.applications.get('late', { refresh: 'normal' });
      return JSON.stringify(status?.conditions ?? '').includes('asks for credentials') || undefined;
    };
    await eventually('the application has an error', failed, 30);
    const template = { url: closed.url, username: 'reader', password: secret };
    expect(await call('POST', 'repocreds', template)).toMatchObject({ status: 200 });
    await eventually(
      'the application is compared',
      async () =>
        (await keelson.client.applications.get('late')).status?.sync?.status === 'OutOfSync' || undefined,
      30,
    );
    const rows = await call('GET', `repositories?repo=${encodeURIComponent(other.url)}&forceRefresh=true`);
    expect(at(rows.body, 'items.0')).toMatchObject({ connectionState: { status: 'Successful' } });
    expect((await call('DELETE', `repocreds/${id(closed.url)}`)).status).toBe(200);
    expect((await call('DELETE', `repocreds/${id(closed.url)}`)).status).toBe(404);
  });
});
