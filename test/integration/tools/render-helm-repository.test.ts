import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import { filesOnDisk } from '../../../activities/render/files/source-files.ts';
import type { RenderTools } from '../../../activities/render/render.ts';
import { renderSource } from '../../../activities/render/render.ts';
import type { HelmSource } from '../../../core/application/source/source-spec.ts';
import {
  accessTo,
  type RepositoryAccess,
  type RepositoryCredentials,
} from '../../../core/repository/access.ts';
import { defaultToolSettings } from '../../../core/settings/words/tool-settings.ts';
import { createAuthority } from '../../../local/kubernetes/authority.ts';
import { type Fetching, openFetching } from '../../support/render/fetching.ts';
import { namesOf, renderFromGit, renderSandbox } from '../../support/render/render-source.ts';
import { renderTools } from '../../support/render/render-tools.ts';
import { type ChartServer, startChartServer } from '../../support/servers/chart-server.ts';
import { type Files, type GitServer, startGitServer } from '../../support/servers/git-server.ts';
import { runHelm } from '../../support/servers/helm-charts.ts';

const secret = { username: 'reader', password: 'chart-password' };
const basic = `Basic ${Buffer.from('reader:chart-password').toString('base64')}`;

describe('charts of Helm repositories', () => {
  let tools: RenderTools;
  let server: ChartServer;
  let elsewhere: ChartServer;
  let gitServer: GitServer;
  let git: Git;
  let fetching: Fetching;
  let dir = '';

  beforeAll(async () => {
    tools = await renderTools();
    dir = await mkdtemp(join(tmpdir(), 'keelson-helm-repository-'));
    fetching = await openFetching();
    gitServer = await startGitServer();
    git = createGit({ cacheDir: join(dir, 'git') });
    server = await startChartServer({ helm: tools.helm });
    elsewhere = await startChartServer({ helm: tools.helm });
    server.requireAuth(secret.username, secret.password);
    await elsewhere.publish([{ name: 'far', version: '1.0.0' }]);
    await server.publish([
      { name: 'far', version: '1.0.0' },
      { name: 'demo', version: '1.0.0' },
      { name: 'demo', version: '1.2.0' },
      { name: 'demo', version: '1.10.0' },
      { name: 'demo', version: '2.0.0-rc.1' },
      { name: 'moved', version: '1.0.0' },
    ]);
    await elsewhere.publish([{ name: 'moved', version: '1.0.0' }]);
    server.redirect('/moved-1.0.0.tgz', `${elsewhere.url}/moved-1.0.0.tgz`);
  });

  afterAll(async () => {
    await Promise.all([server, elsewhere, gitServer].map((one) => one?.stop()));
    await git?.dispose();
    await fetching?.close();
    await rm(dir, { recursive: true, force: true });
  });

  const reader = (credentials: RepositoryCredentials = secret): RepositoryAccess => ({
    ...accessTo(server.url, credentials),
    type: 'helm',
  });

  const resolve = (version: string, chart = 'demo') =>
    fetching.charts.resolveVersion({ access: reader(), chart, version });

  async function render(version: string, helm?: HelmSource, chart = 'demo') {
    const { path, release } = await fetching.charts.fetch({
      access: reader(),
      chart,
      version,
      passCredentials: helm?.passCredentials,
    });
    try {
      return await renderSource({
        files: filesOnDisk(path),
        source: {
          repoURL: server.url,
          chart,
          targetRevision: version,
          ...(helm === undefined ? {} : { helm }),
        },
        application: {
          instanceName: 'demo',
          name: 'release',
          namespace: 'target',
          project: 'default',
          revision: version,
        },
        tools,
        sandbox: renderSandbox,
        remote: fetching.remote([{ url: server.url, name: 'own', credentials: secret }]),
      });
    } finally {
      await release();
    }
  }

  async function needing(files: Files): Promise<{ url: string }> {
    return await gitServer.createRepository(`needing-${Math.random().toString(36).slice(2)}`, files);
  }

  const fromGit = (url: string, helm?: HelmSource) =>
    renderFromGit(
      git,
      tools,
      url,
      { path: 'app', ...(helm === undefined ? {} : { helm }) },
      {
        remote: fetching.remote([{ url: server.url, name: 'own', credentials: secret }]),
      },
    );

  it.each([
    ['*', '1.10.0'],
    ['1.2', '1.2.0'],
    ['~1.2.0', '1.2.0'],
    ['>=1.0.0 <1.5.0', '1.2.0'],
    ['>0.0.0-0', '2.0.0-rc.1'],
    ['9.9.9', '9.9.9'],
  ])('resolves %s to %s', async (wanted, version) => {
    expect(await resolve(wanted)).toBe(version);
  });

  it('asks for an index once in an interval, and renders from one download', async () => {
    const before = server.requests.length;
    const [first, second] = await Promise.all([
      render('1.2.0'),
      render('1.2.0', { parameters: [{ name: 'a', value: 'set' }] }),
    ]);
    expect(first.manifests).toMatchObject([
      { metadata: { name: 'release-demo' }, data: { version: '1.2.0', a: 'chart' } },
    ]);
    expect(second.manifests).toMatchObject([{ data: { a: 'set' } }]);
    expect(first.sourceType).toBe('Helm');
    expect(server.requests.slice(before).map(({ path }) => path)).toEqual(['/demo-1.2.0.tgz']);
    expect(server.requests.every(({ authorization }) => authorization === basic)).toBe(true);
  });

  it('fetches a version anew when it is asked to', async () => {
    const fetch = async (fresh: boolean) => {
      const tree = await fetching.charts.fetch({ access: reader(), chart: 'demo', version: '1.0.0', fresh });
      const text = await readFile(join(tree.path, 'values.yaml'), 'utf8');
      await tree.release();
      return text;
    };
    expect(await fetch(false)).toBe('a: chart\n');
    await server.publish([{ name: 'demo', version: '1.0.0', files: { 'values.yaml': 'a: again\n' } }]);
    expect(await fetch(false)).toBe('a: chart\n');
    expect(await fetch(true)).toBe('a: again\n');
    expect(await fetch(false)).toBe('a: again\n');
  });

  it('finds a version that was published after the index was read', async () => {
    await server.publish([{ name: 'demo', version: '1.11.0' }]);
    expect((await render('1.11.0')).manifests).toMatchObject([{ data: { version: '1.11.0' } }]);
  });

  it('lists charts with their versions, newest first', async () => {
    const listed = await fetching.charts.list({ access: reader() });
    expect(listed.map(({ name }) => name)).toEqual(['demo', 'far', 'moved']);
    expect(listed[0]?.versions.slice(0, 2)).toEqual(['2.0.0-rc.1', '1.11.0']);
  });

  it('gives no credentials to another host unless passCredentials is set, and never on a redirect', async () => {
    // An index may name archives of any other server.
    const index = join(server.dir, 'index.yaml');
    const text = await readFile(index, 'utf8');
    await writeFile(index, text.replace('- far-1.0.0.tgz', `- ${elsewhere.url}/far-1.0.0.tgz`));
    await fetching.charts.resolveVersion({ access: reader(), chart: 'far', version: '*', fresh: true });
    const seen = () => elsewhere.requests.at(-1);
    await render('1.0.0', undefined, 'far');
    expect(seen()).toEqual({ path: '/far-1.0.0.tgz', authorization: undefined, status: 200 });
    const { release } = await fetching.charts.fetch({
      access: reader(),
      chart: 'far',
      version: '1.0.0',
      passCredentials: true,
      fresh: true,
    });
    await release();
    expect(seen()?.authorization).toBe(basic);
    await render('1.0.0', { passCredentials: true }, 'moved');
    expect(seen()).toEqual({ path: '/moved-1.0.0.tgz', authorization: undefined, status: 200 });
  });

  it.each<[string, RepositoryCredentials, string, RegExp]>([
    [
      'asks for credentials',
      {},
      'demo',
      /index\.yaml: the server asks for credentials \(401\) and none are configured/,
    ],
    [
      'says that credentials are wrong',
      { username: 'reader', password: 'wrong-password' },
      'demo',
      /refused the configured credentials \(401\)/,
    ],
    ['names a chart that is not there', secret, 'nope', /chart nope is not in its index/],
  ])('%s and repeats no secret', async (_, credentials, chart, words) => {
    const resolving = fetching.charts.resolveVersion({ access: reader(credentials), chart, version: '*' });
    await expect(resolving).rejects.toThrow(words);
    await expect(resolving).rejects.not.toThrow(/password/);
  });

  it('says how many versions did not match, and what can be no version', async () => {
    await expect(resolve('7.x')).rejects.toThrow(
      /chart demo 7\.x: version matching constraint not found in \d+ tags/,
    );
    await expect(resolve('newest')).rejects.toThrow(/'newest' is neither a version nor a constraint/);
  });

  it('checks certificates, and shows its own to the repository only', async () => {
    const authority = createAuthority();
    const own = authority.issue({ subject: { name: 'charts' }, use: 'server', hosts: ['127.0.0.1'] });
    const client = authority.issue({ subject: { name: 'keelson' }, use: 'client' });
    const secure = await startChartServer({
      helm: tools.helm,
      tls: { key: own.keyPem, cert: own.certificatePem, ca: authority.certificatePem },
    });
    try {
      await secure.publish([{ name: 'demo', version: '1.0.0' }]);
      const access = (credentials: RepositoryCredentials, caBundle?: string): RepositoryAccess => ({
        ...accessTo(secure.url, credentials),
        ...(caBundle === undefined ? {} : { caBundle }),
      });
      const certificate = { tlsClientCertData: client.certificatePem, tlsClientCertKey: client.keyPem };
      const ask = (one: RepositoryAccess) =>
        fetching.charts.resolveVersion({ access: one, chart: 'demo', version: '*' });
      await expect(ask(access(certificate))).rejects.toThrow(
        /TLS certificate of 127\.0\.0\.1:\d+ is signed by an authority that is not trusted/,
      );
      await expect(ask(access({}, authority.certificatePem))).rejects.toThrow(/TLS|connection/);
      expect(await ask(access(certificate, authority.certificatePem))).toBe('1.0.0');
      expect(await ask(access({ ...certificate, insecure: true }))).toBe('1.0.0');
    } finally {
      await secure.stop();
    }
  });

  it('fetches dependencies by address, name and path, and leaves the checkout as it is', async () => {
    const { url } = await needing({
      'app/Chart.yaml': `apiVersion: v2
name: app
version: 0.1.0
dependencies:
  - {name: demo, version: ~1.2, repository: ${server.url}}
  - {name: moved, version: 1.0.0, repository: "@own"}
  - {name: beside, version: 0.1.0, repository: "file://../libs/beside"}
`,
      'app/templates/own.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n',
      'app/values.yaml': 'demo: {a: from-parent}\n',
      'libs/beside/Chart.yaml': 'apiVersion: v2\nname: beside\nversion: 0.1.0\n',
      'libs/beside/templates/b.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: beside}\n',
    });
    const { manifests } = await fromGit(url);
    expect(namesOf(manifests).sort()).toEqual([
      'ConfigMap/beside',
      'ConfigMap/demo-demo',
      'ConfigMap/demo-moved',
      'ConfigMap/own',
    ]);
    expect(manifests.find(({ metadata }) => metadata.name === 'demo-demo')).toMatchObject({
      data: { version: '1.2.0', a: 'from-parent' },
    });
    const access = accessTo(url);
    const { sha } = await git.resolveRevision({ access });
    const checkout = await git.checkout({ access, sha });
    expect(existsSync(join(checkout.path, 'app/charts'))).toBe(false);
    expect(readdirSync(join(checkout.path, 'app')).sort()).toEqual([
      'Chart.yaml',
      'templates',
      'values.yaml',
    ]);
    await checkout.release();
  });

  it('takes the versions of a lock that Helm wrote, and refuses one that does not fit', async () => {
    const open = await startChartServer({ helm: tools.helm });
    try {
      await open.publish([{ name: 'demo', version: '1.2.0' }]);
      const chart = (asked: string) => `apiVersion: v2
name: app
version: 0.1.0
dependencies:
  - name: demo
    version: "${asked}"
    repository: ${open.url}
    condition: demo.enabled
    tags: [one, two]
    alias: renamed
    import-values: [{child: default.data, parent: imported}, plain]
`;
      const work = await mkdtemp(join(dir, 'lock-'));
      await writeFile(join(work, 'Chart.yaml'), chart('>=1.0.0 <2.0.0'));
      await runHelm(tools.helm, ['dependency', 'update', work], work);
      const lock = await readFile(join(work, 'Chart.lock'), 'utf8');
      await open.publish([{ name: 'demo', version: '1.9.0' }]);
      const values = 'renamed: {a: aliased, nameOverride: x}\n';
      const fits = await needing({
        'app/Chart.yaml': chart('>=1.0.0 <2.0.0'),
        'app/Chart.lock': lock,
        'app/values.yaml': values,
      });
      expect((await fromGit(fits.url)).manifests).toMatchObject([
        { data: { version: '1.2.0', a: 'aliased' } },
      ]);
      const stale = await needing({ 'app/Chart.yaml': chart('>=1.5.0'), 'app/Chart.lock': lock });
      await expect(fromGit(stale.url)).rejects.toThrow(/the lock file \(Chart\.lock\) is out of sync/);
    } finally {
      await open.stop();
    }
  });

  it.each<[string, string, RegExp]>([
    ['an unknown name', '"@unknown"', /no Helm repository is registered with the name unknown/],
    [
      'a path out of the repository',
      '"file://../../../etc"',
      /file:\/\/\.\.\/\.\.\/\.\.\/etc leads out of the repository/,
    ],
    ['an address of the machine', 'http://169.254.169.254/charts', /an address of the machine or its cloud/],
  ])('names the dependency when it is asked from %s', async (_, repository, words) => {
    const { url } = await needing({
      'app/Chart.yaml': `apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n  - {name: demo, version: 1.x, repository: ${repository}}\n`,
    });
    await expect(fromGit(url)).rejects.toThrow(words);
    await expect(fromGit(url)).rejects.toThrow(/dependency demo/);
  });

  it('fetches value files by allowed schemes, without the credentials of any repository', async () => {
    await writeFile(join(elsewhere.dir, 'values.yaml'), 'a: fetched\n');
    const valueFiles = [`${elsewhere.url}/values.yaml`];
    expect((await render('1.2.0', { valueFiles })).manifests).toMatchObject([{ data: { a: 'fetched' } }]);
    expect(elsewhere.requests.at(-1)).toMatchObject({ path: '/values.yaml', authorization: undefined });
    const inline = { valueFiles, values: 'a: inline' };
    expect((await render('1.2.0', inline)).manifests).toMatchObject([{ data: { a: 'inline' } }]);
    await expect(render('1.2.0', { valueFiles: ['s3://bucket/values.yaml'] })).rejects.toThrow(
      /value file s3:\/\/bucket\/values\.yaml: the URL scheme 's3' is not allowed/,
    );
    await expect(
      render('1.2.0', { valueFiles: [`${elsewhere.url}/gone.yaml?token=top-secret`] }),
    ).rejects.toThrow(/gone\.yaml: .*was not found \(404\)/);
    await expect(render('1.2.0', { valueFiles: [`${server.url}/values.yaml`] })).rejects.toThrow(/401/);
  });

  it('fetches no value file from a private network unless the host is listed', async () => {
    const closed = await openFetching(60, []);
    const { url } = await needing({ 'app/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 0.1.0\n' });
    const ask = (address: string) =>
      renderFromGit(
        git,
        tools,
        url,
        { path: 'app', helm: { valueFiles: [address] } },
        { remote: closed.remote() },
      );
    const { port } = new URL(elsewhere.url);
    try {
      await expect(ask(`${elsewhere.url}/values.yaml`)).rejects.toThrow(
        /a private address; list the host in/,
      );
      await expect(ask(`http://localhost:${port}/values.yaml`)).rejects.toThrow(
        /localhost \(.*\) is a private address/,
      );
      await expect(ask(`http://[::ffff:127.0.0.1]:${port}/values.yaml`)).rejects.toThrow(/private address/);
    } finally {
      await closed.close();
    }
  });

  it('reads a chart as a plain directory where Helm is switched off', async () => {
    const { url } = await needing({
      'app/Chart.yaml':
        'apiVersion: v2\nkind: ConfigMap\nmetadata: {name: chart}\nname: app\nversion: 0.1.0\n',
      'app/plain.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n',
      'app/plain.jsonnet': '{}',
    });
    const settings = { ...defaultToolSettings, enabled: { helm: false, kustomize: true, jsonnet: false } };
    const { manifests, sourceType } = await renderFromGit(
      git,
      tools,
      url,
      { path: 'app', directory: { include: 'plain.*' } },
      { settings },
    );
    expect(sourceType).toBe('Directory');
    expect(namesOf(manifests)).toEqual(['ConfigMap/plain']);
    const block = await renderFromGit(git, tools, url, { path: 'app', helm: {} }, { settings });
    expect(block.sourceType).toBe('Directory');
  });
});
