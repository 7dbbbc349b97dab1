import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import { filesOnDisk } from '../../../activities/render/files/source-files.ts';
import { type RenderTools, renderSource } from '../../../activities/render/render.ts';
import {
  accessTo,
  type RepositoryAccess,
  type RepositoryCredentials,
} from '../../../core/repository/access.ts';
import { type Fetching, openFetching } from '../../support/render/fetching.ts';
import { namesOf, renderFromGit, renderSandbox } from '../../support/render/render-source.ts';
import { renderTools } from '../../support/render/render-tools.ts';
import { type GitServer, startGitServer } from '../../support/servers/git-server.ts';
import { packChart, runHelm } from '../../support/servers/helm-charts.ts';
import { type OciRegistry, startOciRegistry } from '../../support/servers/oci-registry.ts';

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

describe('OCI registries', () => {
  let tools: RenderTools;
  let plain: OciRegistry;
  let tokens: OciRegistry;
  let fetching: Fetching;
  let gitServer: GitServer;
  let git: Git;
  let dir = '';

  beforeAll(async () => {
    tools = await renderTools();
    dir = await mkdtemp(join(tmpdir(), 'keelson-render-oci-'));
    [plain, tokens] = await Promise.all([startOciRegistry(), startOciRegistry({ tokens: true })]);
    fetching = await openFetching();
    gitServer = await startGitServer();
    git = createGit({ cacheDir: join(dir, 'git') });
  });

  afterAll(async () => {
    await Promise.all([plain, tokens, gitServer].map((one) => one?.stop()));
    await git?.dispose();
    await fetching?.close();
    await rm(dir, { recursive: true, force: true });
  });

  const credentialsOf = ({ username, password }: OciRegistry): RepositoryCredentials => ({
    username,
    password,
    insecureOCIForceHttp: true,
  });

  const artifact = (
    registry: OciRegistry,
    name: string,
    credentials = credentialsOf(registry),
  ): RepositoryAccess => ({
    ...accessTo(`oci://${registry.host}/${name}`, credentials),
    type: 'oci',
  });

  async function renderArtifact(access: RepositoryAccess, revision: string, path?: string) {
    const digest = await fetching.artifacts.resolveDigest({ access, revision });
    const tree = await fetching.artifacts.fetch({ access, digest });
    try {
      const { manifests, sourceType } = await renderSource({
        files: filesOnDisk(tree.path),
        source: { repoURL: access.url, targetRevision: revision, ...(path === undefined ? {} : { path }) },
        application: {
          instanceName: 'demo',
          name: 'demo',
          namespace: 'target',
          project: 'default',
          revision: digest,
        },
        tools,
        sandbox: renderSandbox,
      });
      return { digest, sourceType, names: namesOf(manifests) };
    } finally {
      await tree.release();
    }
  }

  it.each(['plain', 'tokens'] as const)(
    'renders an artifact by tag, digest and constraint from a registry that asks by %s',
    async (kind) => {
      const registry = kind === 'plain' ? plain : tokens;
      const access = artifact(registry, 'team/manifests');
      const first = await registry.push('team/manifests', '1.0.0', {
        'a.yaml': configMap('first'),
        'deep/b.yaml': configMap('deep'),
      });
      const second = await registry.push('team/manifests', '1.1.0_build.5', {
        'a.yaml': configMap('second'),
      });
      await registry.push('team/manifests', '2.0.0-rc.1', { 'a.yaml': configMap('rc') });
      await registry.push('team/manifests', 'latest', { 'a.yaml': configMap('latest') });
      expect(await renderArtifact(access, '1.0.0')).toEqual({
        digest: first,
        sourceType: 'Directory',
        names: ['ConfigMap/first'],
      });
      expect(await renderArtifact(access, first, 'deep')).toMatchObject({
        digest: first,
        names: ['ConfigMap/deep'],
      });
      expect(await renderArtifact(access, '1.x')).toMatchObject({
        digest: second,
        names: ['ConfigMap/second'],
      });
      expect(await renderArtifact(access, '>=0.0.0-0')).toMatchObject({ names: ['ConfigMap/rc'] });
      expect(await renderArtifact(access, 'latest')).toMatchObject({ names: ['ConfigMap/latest'] });
      await expect(renderArtifact(access, '3.x')).rejects.toThrow(/constraint 3\.x not found in 4 tags/);
      await expect(renderArtifact(access, 'gone')).rejects.toThrow(/there is no tag gone/);
      await expect(renderArtifact(access, '')).rejects.toThrow(
        /set targetRevision to a tag, a digest or a constraint/,
      );
    },
  );

  it('asks for a token once for many requests, and only as the repository says', async () => {
    const access = artifact(tokens, 'team/tokens');
    await tokens.push('team/tokens', '1.0.0', { 'a.yaml': configMap('a') });
    const before = tokens.tokenRequests.length;
    await renderArtifact(access, '1.0.0');
    await renderArtifact(access, '*');
    expect(tokens.tokenRequests.slice(before)).toEqual([
      { authorization: expect.stringMatching(/^Basic /), scope: 'repository:team/tokens:pull' },
    ]);
  });

  it.each(['plain', 'tokens'] as const)(
    'says what is wrong with credentials (%s) and repeats none',
    async (kind) => {
      const registry = kind === 'plain' ? plain : tokens;
      const wrong = { ...credentialsOf(registry), password: 'wrong-secret' };
      const refused = fetching.artifacts.resolveDigest({
        access: artifact(registry, 'team/x', wrong),
        revision: '1.0.0',
      });
      await expect(refused).rejects.toThrow(/refused the configured credentials \(401\)/);
      await expect(refused).rejects.not.toThrow(/wrong-secret/);
      const anonymous = artifact(registry, 'team/x', { insecureOCIForceHttp: true });
      await expect(
        fetching.artifacts.resolveDigest({ access: anonymous, revision: '1.0.0' }),
      ).rejects.toThrow(/asks for credentials \(401\) and none are configured/);
    },
  );

  it('does not speak to a registry without TLS unless it is told to', async () => {
    const { insecureOCIForceHttp: _, ...credentials } = credentialsOf(plain);
    const access = artifact(plain, 'team/manifests', credentials);
    await expect(fetching.artifacts.resolveDigest({ access, revision: '1.0.0' })).rejects.toThrow(
      /TLS|wrong version/,
    );
  });

  it('takes a layer that is not compressed, passes over what is no archive, and refuses other shapes', async () => {
    const access = artifact(plain, 'team/shapes');
    const files = { 'a.yaml': configMap('a') };
    const tar = 'application/vnd.oci.image.layer.v1.tar';
    await plain.push('team/shapes', 'tar', files, { layerType: tar, more: ['application/vnd.in-toto+json'] });
    expect(await renderArtifact(access, 'tar')).toMatchObject({ names: ['ConfigMap/a'] });
    await plain.push('team/shapes', 'two', files, { more: [tar] });
    await expect(renderArtifact(access, 'two')).rejects.toThrow(
      /expected only a single oci content layer, got 2/,
    );
    await plain.push('team/shapes', 'foreign', files, { layerType: 'application/vnd.example.tar+gzip' });
    await expect(renderArtifact(access, 'foreign')).rejects.toThrow(
      /vnd\.example\.tar\+gzip is not in the list of allowed/,
    );
    await plain.push('team/shapes', 'broken', files, {
      layerType: `${tar}+gzip`,
      annotations: { by: 'somebody' },
    });
    const digest = await fetching.artifacts.resolveDigest({ access, revision: 'broken' });
    expect(await fetching.artifacts.annotations({ access, digest })).toEqual({ by: 'somebody' });
  });

  it('renders charts that Helm pushed: as chart source, as artifact and as dependency', async () => {
    for (const version of ['1.0.0', '1.4.0+build.7', '2.0.0-beta.1']) {
      const archive = await packChart(tools.helm, dir, { name: 'demo', version });
      const login = ['--plain-http', '--username', plain.username, '--password', plain.password];
      await runHelm(tools.helm, ['push', archive, `oci://${plain.host}/charts`, ...login], dir);
    }
    const credentials = { ...credentialsOf(plain), enableOCI: true };
    const access: RepositoryAccess = { ...accessTo(`${plain.host}/charts`, credentials), type: 'helm' };
    const version = await fetching.charts.resolveVersion({ access, chart: 'demo', version: '^1.0' });
    expect(version).toBe('1.4.0+build.7');
    const tree = await fetching.charts.fetch({ access, chart: 'demo', version });
    expect(await readFile(join(tree.path, 'values.yaml'), 'utf8')).toBe('a: chart\n');
    await tree.release();
    await expect(fetching.charts.fetch({ access, chart: 'demo', version: '9.0.0' })).rejects.toThrow(
      /chart demo 9\.0\.0: there is no such tag/,
    );

    expect(await renderArtifact(artifact(plain, 'charts/demo'), '1.0.0')).toMatchObject({
      sourceType: 'Helm',
      names: ['ConfigMap/demo-demo'],
    });

    const url = `oci://${plain.host}/charts`;
    const repository = await gitServer.createRepository('needs-oci', {
      'app/Chart.yaml': `apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n  - {name: demo, version: 1.x, repository: "${url}"}\n`,
    });
    const { manifests } = await renderFromGit(
      git,
      tools,
      repository.url,
      { path: 'app' },
      {
        remote: fetching.remote([{ url, credentials }]),
      },
    );
    expect(manifests).toMatchObject([{ data: { version: '1.4.0+build.7' } }]);
  });
});
